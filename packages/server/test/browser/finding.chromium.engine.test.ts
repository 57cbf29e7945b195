import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, patience, section, settled } from './browser.ts'
import { tellStory, traceId } from './story.ts'
import { flow, now, tell } from './tell.ts'

describe('finding in the console', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    stage = await openStage()
    await tellStory(stage)
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  it('what was, by the slider and by the URL', async () => {
    const { page, goto } = await browser.enter(stage)
    await tell(stage, now('process.started', 'process', 'past', { after: { title: 'Once' } }))
    const { position } = await stage.client.records.state()
    await tell(stage, now('process.blocked', 'process', 'past', { reason: 'later' }))
    const facts = page.locator('dl').first()
    const slider = page.getByRole('slider')

    await goto('/run/flow/past')
    await facts.getByText('blocked', { exact: true }).waitFor()
    expect(await slider.inputValue()).toBe(String(position + 1))
    await slider.focus()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(`**/run/flow/past?at=${position}`)
    await facts.getByText('running', { exact: true }).waitFor()
    expect(await facts.textContent()).not.toContain('later')

    await page.reload()
    await facts.getByText('running', { exact: true }).waitFor()
    await page.getByText('As of').waitFor()
    // What happens now does not move the past.
    await tell(stage, now('process.completed', 'process', 'past'))
    await expect.poll(() => slider.getAttribute('max'), { timeout: patience }).toBe(String(position + 2))
    await facts.getByText('running', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await facts.getByText('completed', { exact: true }).waitFor()
    expect(new URL(page.url()).search).toBe('')

    await goto(`/run/flow/past?at=${position - 1}`)
    await page.getByText('No such run at this position').waitFor()
  })

  it('runs on the board by text, and again after a reload', async () => {
    const { page, goto } = await browser.enter(stage)
    await goto('/board')
    const field = page.getByLabel('Filter by text')
    await field.fill('refund')
    await page.waitForURL('**/board?q=refund')
    const cards = page.locator('main li').filter({ has: page.getByRole('link') })
    await expect.poll(() => cards.count(), { timeout: patience }).toBe(1)
    await page.reload()
    await settled(page)
    expect(await field.inputValue()).toBe('refund')
    expect(await cards.count()).toBe(1)
    await page.goto(`${page.url()}&at=1`)
    await settled(page)
    expect(await cards.count()).toBe(0)
  })

  it('a gate in the palette, with nothing but the keyboard', async () => {
    const { page } = await browser.enter(stage)
    await page.keyboard.press('Control+k')
    const field = page.getByRole('dialog').getByRole('textbox')
    await expect.poll(() => field.evaluate((each) => each === document.activeElement)).toBe(true)
    await page.keyboard.type('tests of refunds')
    await page.getByRole('dialog').getByText('flow · run-7/tests · failed').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/gate/flow/run-7%2Ftests')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await section(page, 'Evidence missing').getByText('Payments team', { exact: true }).waitFor()
    await section(page, 'Evidence present').getByText('Test report', { exact: true }).waitFor()
    await section(page, 'Claims').getByText('A refund pays once', { exact: true }).waitFor()
    await section(page, 'Exceptions').getByText('Ship without it', { exact: true }).waitFor()
  })

  it('measurements by facets, in numbers as well as drawn, down to the spans of a trace', async () => {
    const { page, goto } = await browser.enter(stage)
    await goto('/telemetry')
    const records = section(page, 'Records')
    const count = () => records.locator('tbody tr').count()
    await expect.poll(count, { timeout: patience }).toBe(15)
    await page.getByRole('group', { name: 'Tool' }).getByLabel('run_tests').check()
    await page.waitForURL('**/telemetry?filter=tool%3Arun_tests')
    await expect.poll(count, { timeout: patience }).toBe(9)
    await page.getByRole('group', { name: 'Agent' }).getByLabel('reviewer').check()
    await expect.poll(count, { timeout: patience }).toBe(4)
    await page.reload()
    await expect.poll(count, { timeout: patience }).toBe(4)
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2)
    await section(page, 'Tools').getByText('25 %', { exact: true }).waitFor()

    const chart = page.locator('figure').filter({ has: page.getByRole('img', { name: /^Chart: Records/ }) })
    await chart.locator('canvas').waitFor()
    await chart.getByText('As a table').click()
    const numbers = await chart.locator('details tbody td').allTextContents()
    expect(numbers.filter((each) => each !== '–').reduce((sum, each) => sum + Number(each), 0)).toBe(4)

    await page.getByRole('button', { name: 'Take all away' }).click()
    await page.getByLabel('Text in the record').fill('ledger.transfer')
    await expect.poll(count, { timeout: patience }).toBe(1)
    await records.getByRole('link', { name: traceId.slice(0, 8) }).click()
    await page.waitForURL(`**/telemetry/trace/${traceId}`)
    const spans = section(page, 'Spans').locator('tbody tr')
    await expect.poll(() => spans.count(), { timeout: patience }).toBe(3)
    await spans.nth(2).getByText('POST bank').waitFor()
    await spans.nth(2).getByText('fail', { exact: true }).waitFor()
    await page.getByRole('button', { name: '1 below POST /refunds' }).click()
    await expect.poll(() => spans.count()).toBe(1)
  })

  it('what runs cost, in four views beside what they found', async () => {
    const { page, goto } = await browser.enter(stage)
    await goto('/economics')
    const table = (name: string) => page.getByRole('table', { name })
    const row = async (name: string) => (await table(name).locator('tbody tr').allTextContents()).join('\n')
    await table('Cost by task and day').waitFor()
    expect(await row('Cost by task and day')).toMatch(/refunds2\$9\.3062$/)

    await page.getByRole('tab', { name: 'Funnel' }).click()
    await page.waitForURL('**/economics?view=funnel')
    await section(page, 'Runs').getByText('50 %', { exact: true }).waitFor()
    expect(await section(page, 'Found').textContent()).toContain('Gates fired2')

    await page.getByRole('tab', { name: 'Value' }).click()
    await page.getByText('2×', { exact: true }).waitFor()
    await page.getByText('exceeds', { exact: true }).waitFor()
    expect(await row('Cost of an accepted result')).toContain('$6.20')

    await page.getByRole('tab', { name: 'Delegations' }).click()
    await table('Delegations by role and model').waitFor()
    expect(await row('Delegations by role and model')).toContain('50 %')
    await page.getByText('2 measurable, 1 unavailable and outside the rate').waitFor()
    await page.goBack()
    await page.getByText('2×', { exact: true }).waitFor()
  })

  it('says so where the lists of a page may lack something', async () => {
    const large = await openStage()
    const gates = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) =>
        now('gate.opened', 'gate', `run-7/${from + n}`, { after: { processRef: flow('process', 'run-7') } }),
      )
    await tell(large, now('process.started', 'process', 'run-7'), ...gates(0, 900))
    await tell(large, ...gates(900, 1_100))
    const { page, goto } = await browser.enter(large)
    for (const path of ['/run/flow/run-7', '/operate', '/board']) {
      await goto(path)
      await page.getByRole('note').getByText('This page knows 1,000 of 1,100 gates').waitFor()
    }
    await goto('/gate/flow/run-7%2F1')
    await section(page, 'History').waitFor()
    expect(await page.getByRole('note').count()).toBe(0)
    await browser.leave()
    await large.stop()
  })
})

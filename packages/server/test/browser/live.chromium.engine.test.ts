import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { openStage, type Stage } from '../stage.ts'
import { badge, type Opened, openBrowser, patience, section, settled } from './browser.ts'
import { economics, flow, now, tell } from './tell.ts'

const process = flow('process', 'run-7')
const gate = 'run-7/tests'
const opened = () =>
  now('gate.opened', 'gate', gate, { after: { title: 'Tests of run 7', processRef: process } })

describe('the live console', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(async () => {
    await browser.leave()
    await stage?.stop()
  })
  afterAll(() => browser?.close())

  it('calls for somebody when a gate fails, says why and how long, leads there, and calms down when it passes', async () => {
    stage = await openStage()
    const { page } = await browser.enter(stage)
    await page.getByText('Nothing needs you.').waitFor()
    await page.evaluate(() => Object.assign(window, { unreloaded: true }))
    await tell(
      stage,
      now('process.started', 'process', 'run-7', { after: { title: 'Refunds' } }),
      opened(),
      now('gate.failed', 'gate', gate, { reason: '2 of 418 tests fail' }),
    )
    const card = section(page, 'Needs you').getByRole('listitem').filter({ hasText: 'Tests of run 7' })
    await card.getByText('failed').waitFor()
    await card.getByText('2 of 418 tests fail').waitFor()
    await card.getByText('gate · flow · run-7/tests').waitFor()
    expect(await card.locator('time').textContent()).toMatch(/^\d+(\.\d)? (m?s|min)/)
    const counts = section(page, 'Counts')
    await counts.getByText('1 failed').waitFor()
    await section(page, 'Timeline').getByText('gate.failed').waitFor()

    await card.getByRole('link').click()
    await page.waitForURL('**/console/gate/flow/run-7%2Ftests')
    const history = page.getByRole('list', { name: 'Events of this gate' })
    await history.getByText('gate.failed', { exact: true }).waitFor()
    await tell(stage, now('gate.passed', 'gate', gate, { summary: '418 tests pass' }))
    await history.getByText('gate.passed', { exact: true }).waitFor()
    await page.locator('dl').getByText('passed', { exact: true }).waitFor()

    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Nothing needs you.').waitFor()
    expect(await page.evaluate(() => 'unreloaded' in window)).toBe(true)
  })

  it('moves a run across the board, through Operate and on its own page', async () => {
    stage = await openStage()
    const visitor = await browser.enter(stage)
    await visitor.goto('/board')
    const board = visitor.page
    const operate = await visitor.tab('/operate')
    await tell(
      stage,
      now('process.progressed', 'process', 'run-7', { after: { title: 'Refunds', stage: 'backlog' } }),
    )
    const card = (stageName: string) => board.getByRole('region', { name: stageName }).getByText('Refunds')
    await card('backlog').waitFor()
    const run = await visitor.tab('/run/flow/run-7')
    for (const page of [board, operate, run])
      await page.evaluate(() => Object.assign(window, { unreloaded: true }))

    await tell(stage, now('process.started', 'process', 'run-7', { after: { stage: 'in_flight' } }), opened())
    await card('in flight').waitFor()
    await section(board, 'in flight 1').getByText('0/1 gates').waitFor()
    await section(operate, 'Gates').getByRole('link', { name: 'Tests of run 7' }).waitFor()
    await operate.locator('strong').getByText(gate).waitFor()
    await section(run, 'Gates').getByText('waiting', { exact: true }).waitFor()
    await section(run, 'Events').getByText('process.started', { exact: true }).waitFor()

    await tell(
      stage,
      now('gate.passed', 'gate', gate),
      now('evidence.attached', 'evidence', 'run-7/report', {
        after: { title: 'Report of run 7', producerRef: flow('producer', 'runner') },
        refs: [process],
      }),
      now('claim.status.changed', 'claim', 'refunds', { after: { status: 'disputed', title: 'Pays once' } }),
      now('process.completed', 'process', 'run-7', { after: { stage: 'done' } }),
      economics('run-7'),
    )
    await card('done').waitFor()
    await section(board, 'done 1').getByText('1/1 gates').waitFor()
    await section(operate, 'Claims').getByText('Pays once', { exact: true }).waitFor()
    await operate.getByText('none: no gate waits and none has failed').waitFor()
    await run.locator('dl').first().getByText('completed').waitFor()
    await section(run, 'Evidence').getByText('Report of run 7', { exact: true }).waitFor()
    await section(run, 'Cost and defects').getByText('$3.10').waitFor()
    for (const page of [board, operate, run]) {
      expect(await page.evaluate(() => 'unreloaded' in window)).toBe(true)
    }
  })

  it('says that it is stale while the server is away, and shows what it missed once it is back', async () => {
    const CONSOLE_PORT = String(await freePort())
    stage = await openStage({ CONSOLE_PORT })
    await tell(stage, now('process.started', 'process', 'run-7', { after: { title: 'Refunds' } }))
    const { page, goto } = await browser.enter(stage, { expected: /ERR_|status of 50\d/ })
    await goto('/run/flow/run-7')
    await page.evaluate(() => Object.assign(window, { unreloaded: true }))

    // Back for others first, at another address, so that something happens that this page cannot hear.
    stage = await stage.restart({ CONSOLE_PORT: '0' })
    await badge(page, 'Stale').waitFor()
    const missed = Array.from({ length: 50 }, (_, n) =>
      now('process.progressed', 'process', 'run-7', { summary: `step ${n}` }),
    )
    await tell(stage, ...missed, now('process.blocked', 'process', 'run-7', { reason: 'out of paper' }))
    expect(await page.locator('dl').first().textContent()).toContain('running')

    stage = await stage.restart({ CONSOLE_PORT })
    await badge(page, 'Live').waitFor({ timeout: 2 * patience })
    await page.locator('dl').first().getByText('out of paper').waitFor()
    await settled(page)
    const events = page.getByRole('list', { name: 'Events of this run' }).locator('> li')
    await expect.poll(() => events.count(), { timeout: patience }).toBe(52)
    expect(await page.evaluate(() => 'unreloaded' in window)).toBe(true)
  })
})

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { clean, inBoth } from './axe.ts'
import { type Opened, openBrowser, openTokenForm, unfold } from './browser.ts'
import { tellStory, traceId } from './story.ts'

const pages = [
  '/',
  '/?at=3',
  '/board',
  '/operate',
  '/run/flow/run-7',
  '/gate/flow/run-7%2Ftests',
  '/telemetry',
  '/telemetry?preset=custom&filter=tool:run_tests',
  `/telemetry/trace/${traceId}`,
  ...['cost', 'funnel', 'value', 'delegations'].map((view) => `/economics?view=${view}`),
  '/functions',
  '/tables',
  ...['people', 'tokens', 'account', 'keys'].map((part) => `/identity?part=${part}`),
]

/** What the browser says of a position that the empty log has not reached. */
const ahead = /status of 400 .*\/state\?at=3$/

describe.each(['with records', 'still empty'] as const)('a console %s', (state) => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    stage = await openStage()
    if (state === 'with records') await tellStory(stage)
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  it('can be used by everybody, in light and in dark', async () => {
    const { page, goto } = await browser.enter(stage, {
      expected: ahead,
      viewport: { width: 1300, height: 900 },
    })
    for (const path of pages) {
      await goto(path)
      await unfold(page)
      expect(await inBoth(page), path).toEqual(clean)
    }
    await page.goto('/console/no-such-page')
    await page.getByText('There is no such page').waitFor()
    expect(await inBoth(page), 'no such page').toEqual(clean)
  })

  it('fits a phone, and can be used on it', async () => {
    const { page, goto } = await browser.enter(stage, {
      expected: ahead,
      viewport: { width: 390, height: 844 },
    })
    for (const path of pages) {
      await goto(path)
      await unfold(page)
      const [wide, room] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        window.innerWidth,
      ])
      expect(wide, path).toBeLessThanOrEqual(room ?? 0)
    }
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('dialog').getByRole('link', { name: 'Operate' }).waitFor()
    expect(await inBoth(page), 'the menu').toEqual(clean)
    await page.getByRole('dialog').getByRole('link', { name: 'Operate' }).click()
    await page.waitForURL('**/console/operate')
    expect(await inBoth(page), 'operate').toEqual(clean)
  })
})

describe('the ways in and about', () => {
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

  it('the sign-in page can be used by everybody, also when it refuses', async () => {
    const { page } = await browser.visit(stage, {
      expected: /status of 401/,
      viewport: { width: 390, height: 844 },
    })
    await page.goto('/console/sign-in')
    await openTokenForm(page)
    await page.getByLabel('Token', { exact: true }).waitFor()
    expect(await inBoth(page)).toEqual(clean)
    await page.getByLabel('Token', { exact: true }).fill('none')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    expect(await inBoth(page)).toEqual(clean)
  })

  it('the palette can be used by everybody', async () => {
    const { page } = await browser.enter(stage)
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByText('Review of refunds').waitFor()
    expect(await inBoth(page)).toEqual(clean)
    await page.keyboard.type('no such thing anywhere')
    await page.getByText('Nothing by that name').waitFor()
    expect(await inBoth(page)).toEqual(clean)
  })

  it('the keyboard skips what stands around a page, and shows where it is', async () => {
    const { page } = await browser.enter(stage)
    await page.reload()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the page' })
    expect(await skip.evaluate((each) => each === document.activeElement)).toBe(true)
    expect(await skip.evaluate((each) => getComputedStyle(each).outlineStyle)).not.toBe('none')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  })
})

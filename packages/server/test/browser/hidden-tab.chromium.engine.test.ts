import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { badge, type Opened, openBrowser } from './browser.ts'
import { now, tell } from './tell.ts'

/** Says to the page that it is hidden or shown, as a browser does when its tab changes. */
function become(page: Page, state: DocumentVisibilityState): Promise<void> {
  return page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: to })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}

describe('a tab that nobody looks at', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  it('lets its connection go after a while, and misses nothing when it is looked at again', async () => {
    const { page, goto } = await browser.enter(stage)
    await page.clock.install()
    await goto('/board')
    const streams: (string | undefined)[] = []
    let open = 0
    page.on('request', (request) => {
      if (!request.url().includes('/stream?')) return
      open += 1
      streams.push(request.headers()['last-event-id'])
    })
    await tell(
      stage,
      now('process.started', 'process', 'run-7', { after: { title: 'Refunds', stage: 'backlog' } }),
    )
    await page.getByText('Refunds').first().waitFor()

    await become(page, 'hidden')
    const gone = page.waitForEvent('requestfailed', (request) => request.url().includes('/stream?'))
    await Promise.all([gone, page.clock.fastForward(31_000)])
    // It does not come back by itself, as it does after a cut.
    await page.clock.fastForward(20_000)
    await tell(
      stage,
      now('process.started', 'process', 'run-8', { after: { title: 'Invoices', stage: 'backlog' } }),
    )
    expect([open, await page.getByText('Invoices').count()]).toEqual([0, 0])

    await become(page, 'visible')
    await page.getByText('Invoices').first().waitFor()
    await badge(page, 'Live').waitFor()
    expect(streams).toEqual([expect.stringMatching(/^\d/)])
  })
})

import type { Page } from 'playwright-core'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, patience, section } from './browser.ts'
import { shell } from './shell.ts'

/** The commands that a page tells to run, as they are shown. */
function commandsOf(page: Page) {
  return page.locator('section[aria-label^="Command for:"] pre').allTextContents()
}

describe('an empty page', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    browser = await openBrowser()
    return () => browser.close()
  })
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(async () => {
    await browser.leave()
    await stage.stop()
  })

  it('shows the command that fills it, without the token; run, it moves the page', async () => {
    const { page } = await browser.enter(stage)
    const timeline = section(page, 'Timeline')
    await timeline.getByText('No record has arrived yet').waitFor()
    const command = (await timeline.locator('pre').textContent()) ?? ''
    expect(command).toContain('$QUARTERDECK_TOKEN')
    expect(command).not.toContain(stage.token)
    expect(await shell(command, stage.token)).toContain('"status":"accepted"')
    await timeline.getByText('process.started', { exact: true }).waitFor()
    expect(await timeline.locator('pre').count()).toBe(0)
    await section(page, 'Counts').getByText('1 running').waitFor()
  })

  it('copies its command whole', async () => {
    const { page } = await browser.enter(stage, { permissions: ['clipboard-read', 'clipboard-write'] })
    const timeline = section(page, 'Timeline')
    const command = await timeline.locator('pre').textContent()
    await timeline.getByRole('button', { name: 'Copy' }).click()
    await timeline.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(command)
  })

  it.each([
    ['/', 2],
    ['/board', 1],
    ['/operate', 6],
    ['/telemetry', 1],
    ['/economics', 1],
    ['/run/flow/run-1', 1],
    ['/gate/flow/run-1%2Ftests', 1],
  ])('at %s shows only commands that work, and is filled by them', async (path, many) => {
    const { page, goto } = await browser.enter(stage)
    await goto(path)
    await expect.poll(async () => (await commandsOf(page)).length, { timeout: patience }).toBe(many)
    for (const command of await commandsOf(page)) {
      expect(await shell(command, stage.token), command).toContain('"status":"accepted"')
    }
    await goto(path)
    const left = (await commandsOf(page)).filter((command) => !command.includes('evidence.attached'))
    // A run that is there asks for its gates next.
    expect(left.filter((command) => !command.includes('gate.opened'))).toEqual([])
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { clean, inBoth, overflow } from './axe.ts'
import { type Opened, openBrowser, patience, section, unfold } from './browser.ts'
import { hostileText, writeDeskApp } from './desk-app.ts'
import { dialog, enrol, enterAsOwner, openPart } from './people.ts'
import { shell } from './shell.ts'

/** Calls a function as a program with the stage's token does. */
async function rpc(stage: Stage, fn: string, ...args: readonly unknown[]): Promise<unknown> {
  const response = await fetch(`${stage.url}/rpc/${fn}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  })
  const answer = (await response.json()) as { result?: unknown }
  if (!response.ok) throw new Error(`${fn} was refused: ${JSON.stringify(answer)}`)
  return answer.result
}

/** Whether anything that came with an app or its documents runs, or was made part of the page. */
function harm(page: Page): Promise<unknown> {
  return page.evaluate(() => ({
    ran: 'ran' in window,
    made: document.querySelectorAll('#root script, #root img:not([alt=""])').length,
  }))
}

const rowsOf = (page: Page, caption: string) =>
  page.getByRole('region', { name: `${caption}, table` }).locator('tbody tr')

describe('the pages of functions and tables', () => {
  let folder: string
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-desk-'))
    stage = await openStage({ CONSOLE_APP: writeDeskApp(join(folder, 'app')) })
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('show an app that nobody has called: what it needs, what failed, and a command that calls it', async () => {
    const { page, goto } = await browser.enter(stage)
    await goto('/functions')
    const rows = rowsOf(page, 'Functions of the app')
    await expect.poll(() => rows.count()).toBe(5)
    const board = rows.filter({ hasText: 'board' })
    expect(await board.textContent()).toMatch(/live.*read.*desk/s)
    expect(await rows.filter({ hasText: 'nightly' }).textContent()).toContain('cron 0 3 * * *')
    const failed = page.getByRole('alert').filter({ hasText: 'functions/report.ts' })
    await failed.getByText(hostileText).waitFor()
    const command = (await section(page, 'Call one').locator('pre').textContent()) ?? ''
    expect(command).not.toContain(stage.token)
    expect(await shell(command, stage.token)).toContain('"result":[]')
    await section(page, 'Call one').waitFor({ state: 'detached' })
    await expect.poll(() => board.textContent(), { timeout: patience }).toMatch(/ms0 %$/)
    expect(await harm(page)).toEqual({ ran: false, made: 0 })
  })

  it('run a function from fields of its schema, and show what came of it', async () => {
    const { page, goto } = await browser.enter(stage, { expected: /status of 422 .*\/run/ })
    await goto('/functions/openTicket')
    const form = section(page, 'Run it')
    const run = form.getByRole('button', { name: 'Run', exact: true })
    await form.getByLabel('room').fill('B 12')
    await form.getByLabel('floor').fill('two')
    await run.click()
    await form.getByText('This is no whole number').or(form.getByText('This is no number')).waitFor()
    await form.getByLabel('floor').fill('2')
    await run.click()
    // The server's own word stands at the field that it is about.
    const title = form.getByLabel('Argument 1')
    await expect.poll(() => title.getAttribute('aria-invalid')).toBe('true')
    await title.fill(hostileText)
    await run.click()
    await form.getByText('Done in').waitFor()
    const id = JSON.parse((await form.getByRole('region', { name: 'Result' }).textContent()) ?? '') as string
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    const [commit = ''] = /commit \d+/.exec((await form.getByRole('status').textContent()) ?? '') ?? []
    // It is among the calls without anybody asking.
    const calls = rowsOf(page, 'Newest calls')
    await calls.getByRole('link', { name: commit.slice(7), exact: true }).waitFor()
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('conflict')
    await page.waitForURL('**/functions/openTicket?outcome=conflict')
    await section(page, 'Calls').getByText('None of the newest').waitFor()

    await form.getByRole('link', { name: commit }).click()
    await page.waitForURL(`**/console/tables?asOf=${commit.slice(7)}`)
    await page.getByRole('link', { name: 'tickets' }).click()
    await expect.poll(() => rowsOf(page, 'Rows of tickets').count()).toBe(1)
    await page.getByText(hostileText).waitFor()
    await page.getByText('{"room":"B 12","floor":2}').waitFor()
    expect(await harm(page)).toEqual({ ran: false, made: 0 })
    // Before that commit there was nothing.
    await page.getByRole('button', { name: 'One commit back' }).click()
    await page.getByText('There was no row then').waitFor()
    await page.getByRole('button', { name: 'Back to now' }).click()
    await expect.poll(() => rowsOf(page, 'Rows of tickets').count()).toBe(1)
  })

  it('find rows by conditions that an index serves, say so where none does, and follow what is written', async () => {
    const done = (await rpc(stage, 'openTicket', 'Done one', {})) as string
    await rpc(stage, 'closeTicket', done)
    const { page, goto } = await browser.enter(stage, { expected: /status of (422|403) .*\/rows/ })
    await goto('/tables/tickets')
    const rows = rowsOf(page, 'Rows of tickets')
    // What is masked says so: it is not empty.
    await rows.filter({ hasText: 'Done one' }).getByText('hidden', { exact: true }).waitFor()
    await page.getByRole('combobox', { name: 'Field' }).selectOption('state')
    await page.getByRole('combobox', { name: 'Value' }).selectOption('done')
    await page.getByRole('button', { name: 'Add condition' }).click()
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByRole('combobox', { name: 'Order' }).selectOption('title:desc')
    await expect
      .poll(() => decodeURIComponent(page.url()))
      .toContain('where={"state":"done"}&orderBy=title:desc')
    const other = (await rpc(stage, 'openTicket', 'Zebra', { note: 'n' })) as string
    await rpc(stage, 'closeTicket', other)
    await expect
      .poll(async () => (await rows.allTextContents()).map((text) => /Zebra|Done one/.exec(text)?.[0]), {
        timeout: patience,
      })
      .toEqual(['Zebra', 'Done one'])

    await page.getByRole('button', { name: /^Take the condition state = "done" away/ }).click()
    await page.getByRole('combobox', { name: 'Field' }).selectOption('note')
    await page.getByLabel('Value').fill('n')
    await page.getByRole('button', { name: 'Add condition' }).click()
    // The order stood on the condition that went.
    expect(new URL(page.url()).search).not.toContain('orderBy')
    await page.getByText('index_required').waitFor()
    await page.getByText('byState: state, title').waitFor()
    await page.getByRole('button', { name: 'Take all away' }).click()
    expect(
      await page.getByRole('combobox', { name: 'Field' }).locator('option').allTextContents(),
    ).not.toContain('cost')
  })

  it('show a row with who changed what, and lead to the table as it was', async () => {
    const id = (await rpc(stage, 'openTicket', 'Chair broken', {
      note: 'left leg',
      place: { room: 'A' },
    })) as string
    await rpc(stage, 'closeTicket', id)
    const { page, goto } = await browser.enter(stage)
    await goto(`/tables/tickets?row=${id}`)
    const versions = page.getByRole('list', { name: 'Versions' }).locator('> li')
    await expect.poll(() => versions.count()).toBe(2)
    const newest = versions.first()
    await newest.getByRole('link', { name: 'closeTicket' }).waitFor()
    expect(await newest.locator('tbody tr').allTextContents()).toEqual(['stateopendone', 'noteleft leg–'])
    await versions.nth(1).getByText('oldest kept').waitFor()
    await versions
      .nth(1)
      .getByRole('link', { name: /^The table as of commit/ })
      .click()
    await page.getByRole('button', { name: 'Back to now' }).waitFor()
    await rowsOf(page, 'Rows of tickets').filter({ hasText: 'Chair broken' }).getByText('left leg').waitFor()
  })

  it('let an operator restrict a table and run what executes, each with its proof', async () => {
    const id = (await rpc(stage, 'openTicket', 'To be purged', {})) as string
    const owner = await enterAsOwner(browser, stage, { expected: /status of 403/ })
    const { page } = owner
    await openPart(owner, 'account')
    const { app } = await enrol(page)
    const proving = dialog(page, 'Prove that you mean this')

    await owner.goto('/functions/purge')
    await section(page, 'Run it').getByLabel('Argument').fill(id)
    await section(page, 'Run it').getByRole('button', { name: 'Run', exact: true }).click()
    await proving.getByLabel('Type purge to go on').fill('purge')
    await proving.getByLabel('Code of your second factor').fill(await app.next())
    await proving.getByRole('button', { name: 'Do it' }).click()
    await section(page, 'Run it').getByText('Done in').waitFor()
    await owner.goto(`/tables/tickets?row=${id}`)
    const end = page.getByRole('list', { name: 'Versions' }).locator('> li').first()
    await end.getByText('deleted', { exact: true }).waitFor()
    await end.getByRole('link', { name: 'purge' }).waitFor()
    await end.getByText(/^by .+ through/).waitFor()

    await owner.goto('/tables/tickets')
    await page.getByRole('button', { name: 'Restrict' }).click()
    const restricting = dialog(page, 'Restrict tickets')
    expect(await restricting.getByRole('button', { name: 'Restrict' }).isDisabled()).toBe(true)
    await restricting.getByLabel('Write').uncheck()
    await restricting.getByRole('button', { name: 'Restrict' }).click()
    await proving.getByLabel('Type tickets to go on').fill('tickets')
    await proving.getByLabel('Code of your second factor').fill(await app.next())
    await proving.getByRole('button', { name: 'Do it' }).click()
    await page.getByText('restricted', { exact: true }).waitFor()
    await expect(rpc(stage, 'openTicket', 'Too late', {})).rejects.toThrow('forbidden')
  })

  it('say to a token why it cannot prove what it means', async () => {
    const { page, goto } = await browser.enter(stage)
    const why = 'Sign in as an operator'
    await goto('/tables/tickets')
    const restrict = page.getByRole('button', { name: 'Restrict' })
    expect(await restrict.getAttribute('aria-disabled')).toBe('true')
    await page.getByText(why).first().waitFor({ state: 'attached' })
    await goto('/functions/purge')
    expect(await page.getByRole('button', { name: 'Run', exact: true }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    await goto('/functions/nightly')
    await page.getByText('It is internal').first().waitFor()
  })

  it('can be used by everybody, in light and in dark and on a phone', async () => {
    const id = ((await stage.client.functions.rows({ table: 'tickets' })).items[0]?.id ?? '') as string
    for (const viewport of [
      { width: 1300, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const { page, goto } = await browser.enter(stage, {
        viewport,
        expected: /status of (404|422)/,
      })
      for (const path of [
        '/functions?window=24h',
        '/functions/openTicket',
        '/functions/purge',
        '/functions/nowhere',
        '/tables',
        '/tables?asOf=1',
        '/tables/tickets',
        '/tables/tickets?where={"note":"x"}',
        '/tables/notes',
        `/tables/tickets?row=${id}`,
      ]) {
        await goto(path)
        await unfold(page)
        expect(await overflow(page), path).toBe(0)
        expect(await inBoth(page), path).toEqual(clean)
      }
    }
  })
})

describe('a server without an app', () => {
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

  it.each(['/functions', '/tables'])('says at %s how one is made', async (path) => {
    const { page, goto } = await browser.enter(stage)
    await goto(path)
    await page.getByText('No app is served').waitFor()
    expect(await page.locator('section[aria-label^="Command for:"] pre').textContent()).toContain(
      'quarterdeck init',
    )
  })
})

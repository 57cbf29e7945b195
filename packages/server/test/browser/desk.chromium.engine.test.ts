import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { buildDesk, builtApp } from '../../../../examples/hello/build.ts'
import { freePort } from '../engines/free-port.ts'
import { begin, endAll } from '../program.ts'
import { openStage, type Stage } from '../stage.ts'
import { overflow, violations } from './axe.ts'
import { type Opened, openBrowser, patience, type VisitOptions } from './browser.ts'

const example = fileURLToPath(new URL('../../../../examples/hello/src/', import.meta.url))
const token = 'token-of-the-example-application-0001'

describe('the desk', () => {
  let stage: Stage
  let browser: Opened
  let hello: string
  beforeAll(async () => {
    await buildDesk()
    const port = await freePort()
    hello = `http://127.0.0.1:${port}`
    const scopes = ['records:write', 'telemetry:write', 'identity:mint']
    stage = await openStage({
      CONSOLE_APP: builtApp,
      CONSOLE_ALLOWED_ORIGINS: hello,
      CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([{ token, tenantId: 'default', label: 'hello', scopes }]),
    })
    browser = await openBrowser()
    const child = begin(join(example, 'main.ts'), [], {
      QUARTERDECK_URL: stage.url,
      QUARTERDECK_TOKEN: token,
      HELLO_PORT: String(port),
      HELLO_OUTBOX: join(stage.folder, 'hello-outbox'),
    })
    await new Promise<void>((resolve) =>
      child.stdout?.on('data', (text) => `${text}`.includes('desk') && resolve()),
    )
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await endAll()
    await browser?.close()
    await stage?.stop()
  })

  /** Somebody of the demo at the desk; the page may call the functions and nothing else. */
  async function at(person: string, options: VisitOptions = {}): Promise<Page> {
    const expected = new RegExp(`^request: ${stage.url}/(rpc|stream)`)
    const { page } = await browser.visit({ url: hello }, { expected, ...options })
    await page.goto('/')
    await page.getByRole('button', { name: new RegExp(person) }).click()
    await column(page, 'Open').getByRole('link').first().waitFor()
    return page
  }
  const column = (page: Page, name: string) => page.getByRole('region', { name: new RegExp(`^${name}`) })
  const card = (page: Page, name: string, title: string) =>
    column(page, name).getByRole('link').filter({ hasText: title })

  async function open(page: Page, title: string): Promise<void> {
    await page.getByRole('button', { name: 'New ticket' }).click()
    await page.getByLabel('What is wrong?').fill(title)
    await page.getByRole('button', { name: 'Open ticket' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }

  it('shows one person at once what another does', async () => {
    const [ada, bo] = [await at('Ada'), await at('Bo')]
    await open(bo, 'The lift hums')
    await card(ada, 'Open', 'The lift hums').click()
    const panel = ada.getByRole('dialog', { name: 'Ticket' })
    await panel.getByText('opened by Bo Lindqvist').waitFor()
    await panel.getByLabel('Assigned to').selectOption('Chika Okafor')
    await card(bo, 'In hand', 'The lift hums').getByRole('img', { name: 'Chika Okafor' }).waitFor()

    await card(bo, 'In hand', 'The lift hums').click()
    await bo.getByLabel('Comment').fill('In B flat, today.')
    await bo.getByRole('button', { name: 'Comment' }).click()
    await panel.getByText('In B flat, today.').waitFor()
    await bo.getByLabel('Note to yourself').fill('It is A, really')
    await bo.getByRole('radio', { name: 'Done' }).click()
    await card(bo, 'Done', 'The lift hums').waitFor()
    expect(await panel.getByLabel('Note to yourself').inputValue()).toBe('')

    await panel.getByLabel('Cost in €').fill('75')
    await panel.getByRole('button', { name: 'Close' }).click()
    await card(ada, 'Done', 'The lift hums').getByText('€75').waitFor()
    expect(await bo.getByText('€75').count()).toBe(0)
  })

  it('is worked with the keyboard', async () => {
    const page = await at('Chika')
    await page.keyboard.press('n')
    await page.keyboard.type('Typed, not clicked')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await card(page, 'Open', 'Typed, not clicked').focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: 'Ticket' })
    await panel.getByLabel('Open', { exact: true }).focus()
    await page.keyboard.press('ArrowRight')
    await card(page, 'In hand', 'Typed, not clicked').waitFor()
    await panel.getByLabel('Note to yourself').fill('Kept when the panel is left')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'hidden' })
    await card(page, 'In hand', 'Typed, not clicked').click()
    const note = panel.getByLabel('Note to yourself')
    await expect.poll(() => note.inputValue(), { timeout: patience }).toBe('Kept when the panel is left')
  })

  it('shows text as text, and says why something is refused', async () => {
    const page = await at('Bo', {
      expected: new RegExp(`^request: ${stage.url}/(rpc|stream)|status of 422 .*/rpc/comment`),
    })
    const hostile = '<img src=x onerror=alert(1)> \u202e"&amp;'
    await open(page, hostile)
    await card(page, 'Open', '<img src=x').click()
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    expect(await page.locator('img').count()).toBe(0)
    await page.getByLabel('Comment').fill('password: hunter2')
    await page.getByRole('button', { name: 'Comment' }).click()
    await page.getByRole('alert').getByText('Leave it out').waitFor()
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await page.getByRole('alert').waitFor({ state: 'hidden' })
  })

  it('goes on where it was when the server comes back', async () => {
    const page = await at('Bo', { expected: /^request: |ERR_|Failed to load/ })
    stage = await stage.restart({ CONSOLE_PORT: new URL(stage.url).port })
    const { accessToken } = await stage.as(token).identity.mintToken({
      class: 'user',
      subject: 'ada',
      groups: ['member'],
    })
    await stage.as(accessToken).functions.call({ fn: 'openTicket', args: [{ title: 'After the cut' }] })
    await card(page, 'Open', 'After the cut').waitFor({ timeout: patience })
  })

  it.each(['light', 'dark'] as const)(
    'has nothing for axe to find in %s, and fits a phone',
    async (colorScheme) => {
      const page = await at('Ada', { colorScheme, viewport: { width: 390, height: 844 } })
      expect(await violations(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      await card(page, 'In hand', 'Calendar').click()
      await page.getByRole('heading', { name: 'Comments' }).waitFor()
      expect(await violations(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'New ticket' }).click()
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.setViewportSize({ width: 1280, height: 800 })
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'be somebody else' }).click()
      await page.getByRole('heading', { name: 'Who is at the desk?' }).waitFor()
      expect(await violations(page)).toEqual([])
    },
  )
})

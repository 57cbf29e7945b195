import { existsSync } from 'node:fs'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import type { Stage } from '../stage.ts'

/** How long, in ms, a page may take over anything. Nothing is measured by it. */
export const patience = 45_000

// Pages are slow on a machine that runs all suites at once; what hangs is told by `patience`.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

/** Somebody at a screen, with cookies of their own. */
export interface Visitor {
  readonly page: Page
  /** Opens a page of the console by its path, and waits until it shows what it has. */
  goto(path: string): Promise<void>
  /** Opens another tab on a page of the console. */
  tab(path: string): Promise<Page>
}

export interface VisitOptions extends BrowserContextOptions {
  /** Complaints that belong to what is tested, as that of a refused sign-in does. */
  readonly expected?: RegExp
}

export interface Opened {
  /** Somebody who has not signed in. */
  visit(stage: Pick<Stage, 'url'>, options?: VisitOptions): Promise<Visitor>
  /** Somebody who is signed in with the stage's token. */
  enter(stage: Stage, options?: VisitOptions): Promise<Visitor>
  /** Sends everybody away. Throws if a page complained: of an error, by its policy, by a dialog, or went elsewhere. */
  leave(): Promise<void>
  close(): Promise<void>
}

/** That a thing of this name is not there (yet) is an answer; browsers report it as an error all the same. */
const absent = /status of 404 .*\/(records|state|telemetry\/traces)\//
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
]

/** Starts one Chromium, for the tests of a file. */
export async function openBrowser(): Promise<Opened> {
  const executablePath = programs.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error('There is no Chromium; WITHOUT=chromium leaves it out')
  const browser = await chromium.launch({ executablePath, args: flags, timeout: patience })
  let visits: { context: BrowserContext; complaints: readonly string[]; expected: RegExp | undefined }[] = []

  async function visit(stage: Pick<Stage, 'url'>, options: VisitOptions = {}): Promise<Visitor> {
    const { expected, ...more } = options
    const context = await browser.newContext({ baseURL: stage.url, reducedMotion: 'reduce', ...more })
    context.setDefaultTimeout(patience)
    visits.push({ context, complaints: listen(context, stage.url), expected })
    const page = await context.newPage()
    return {
      page,
      goto: (path) => goto(page, path),
      async tab(path) {
        const other = await context.newPage()
        await goto(other, path)
        return other
      },
    }
  }

  return {
    visit,
    async enter(stage, options) {
      const visitor = await visit(stage, options)
      await visitor.page.goto('/console/sign-in')
      await signIn(visitor.page, stage.token)
      return visitor
    },
    async leave() {
      const left = visits
      visits = []
      await Promise.all(left.map(({ context }) => context.close()))
      const unexpected = left.flatMap(({ complaints, expected }) =>
        complaints.filter((complaint) => expected === undefined || !expected.test(complaint)),
      )
      expect(unexpected).toEqual([])
    },
    close: () => browser.close(),
  }
}

/** Pastes a token into the sign-in page that is open, and waits for the page behind it. */
export async function signIn(page: Page, token: string): Promise<void> {
  await openTokenForm(page)
  await page.getByLabel('Token', { exact: true }).fill(token)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/console/sign-in'))
  await settled(page)
}

/** Unfolds the form for a token on the sign-in page. */
export async function openTokenForm(page: Page): Promise<void> {
  const field = page.getByLabel('Token', { exact: true })
  await page.getByText('Use a token').waitFor()
  if (!(await field.isVisible())) await page.getByText('Use a token').click()
  await field.waitFor()
}

/** Waits until the page is live and nothing of it is on its way still. */
export async function settled(page: Page): Promise<void> {
  await badge(page, 'Live').waitFor()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[role=status]')].every(
      ({ textContent }) => !textContent?.startsWith('Loading'),
    ),
  )
}

/** The badge that says how fresh the page is. */
export function badge(page: Page, word: 'Live' | 'Connecting' | 'Stale') {
  return page.getByRole('status').filter({ hasText: new RegExp(`^${word}:`) })
}

/** A titled part of a page. */
export function section(page: Page, title: string) {
  return page.getByRole('region', { name: title, exact: true })
}

/** Unfolds everything that is folded away. */
export function unfold(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const each of document.querySelectorAll('details')) each.open = true
  })
}

async function goto(page: Page, path: string): Promise<void> {
  await page.goto(`/console${path}`)
  await settled(page)
}

/** Gathers what the pages of a visitor complain about. */
function listen(context: BrowserContext, origin: string): readonly string[] {
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
  context.on('console', (message) => {
    const type = message.type()
    if (type !== 'error' && type !== 'warning') return
    const complaint = `${type}: ${message.text()} ${message.location().url}`
    if (!absent.test(complaint)) complaints.push(complaint)
  })
  context.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request: ${request.url()}`)
  })
  return complaints
}

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { badge, type Opened, openBrowser, openTokenForm, settled, signIn } from './browser.ts'

/** What a browser says of an answer that refuses. */
const refusal = /status of 401/

describe('signing in', () => {
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

  it('takes the link that the server greets with, once, and then says that it is spent', async () => {
    const [link = ''] = /https?:\S+ticket=\S+/.exec(stage.running.greeting.join('\n')) ?? []
    const first = await browser.visit(stage)
    await first.page.goto(link)
    await first.page.waitForURL(`${stage.url}/console/`)
    await settled(first.page)

    const second = await browser.visit(stage, { expected: refusal })
    await second.page.goto(link)
    const alert = second.page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toContain('This link is spent')
    expect(second.page.url()).toBe(`${stage.url}/console/sign-in`)
    await signIn(second.page, stage.token)
  })

  it('takes a token that is pasted, and no other', async () => {
    const { page } = await browser.visit(stage, { expected: refusal })
    await page.goto('/console/')
    await page.waitForURL('**/console/sign-in?returnTo=*')
    await openTokenForm(page)
    await page.getByLabel('Token', { exact: true }).fill('no-token-of-this-server')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await signIn(page, `  ${stage.token}\n`)
    expect(page.url()).toBe(`${stage.url}/console/`)
  })

  it('is undone by signing out, in every tab, and leads back to where each was', async () => {
    const { page, goto, tab } = await browser.enter(stage, { expected: refusal })
    await goto('/board?q=checkout')
    const other = await tab('/operate')
    await other.getByRole('button', { name: 'Sign out' }).click()
    await other.waitForURL('**/console/sign-in')
    // The live feed of the first tab ends with the session.
    await page.waitForURL('**/console/sign-in?returnTo=*')
    expect(await badge(page, 'Live').count()).toBe(0)
    await other.goto('/console/telemetry')
    await other.waitForURL('**/console/sign-in?returnTo=*')

    await signIn(page, stage.token)
    expect(page.url()).toBe(`${stage.url}/console/board?q=checkout`)
    await page.getByRole('heading', { name: 'Board', level: 1 }).waitFor()
  })

  it('leads nowhere but into the console', async () => {
    const { page } = await browser.visit(stage)
    await page.goto(`/console/sign-in?returnTo=${encodeURIComponent('//evil.example/console/')}`)
    await signIn(page, stage.token)
    expect(page.url()).toBe(`${stage.url}/console/`)
  })
})

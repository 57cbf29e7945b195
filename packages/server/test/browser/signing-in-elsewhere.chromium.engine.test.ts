import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, settled } from './browser.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { enrol, inviteOver, signOut } from './people.ts'

const mia = 'mia@shop.example'

describe('signing in at an external issuer', () => {
  let stage: Stage
  let issuer: TestIssuer
  let browser: Opened
  beforeAll(async () => {
    const [port, elsewhere] = [await freePort(), await freePort()]
    issuer = await startIssuer(elsewhere, `http://127.0.0.1:${port}`)
    stage = await openStage({
      CONSOLE_PORT: String(port),
      CONSOLE_OAUTH_ISSUER: issuer.url,
      CONSOLE_OAUTH_AUDIENCE: 'console',
      CONSOLE_OAUTH_CLIENT_ID: 'console',
      CONSOLE_OAUTH_CLIENT_SECRET: 'a secret of the client',
    })
    await inviteOver(stage, mia, 'viewer')
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
    await issuer?.end()
  })

  const goThere = (page: Page) =>
    page.getByRole('link', { name: `Sign in with ${new URL(issuer.url).host}` }).click()

  it('leads there and back to the page that one wanted, and past the second factor once there is one', async () => {
    const { page } = await browser.visit(stage, {
      expected: new RegExp(`request: ${issuer.url}/|status of 40[13]`),
    })
    await page.goto('/console/identity?part=account')
    await page.waitForURL('**/console/sign-in?returnTo=*')
    await goThere(page)
    await page.getByLabel('Who are you?').fill(mia)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForURL('**/console/identity?part=account')
    await settled(page)
    const { app } = await enrol(page)

    await signOut(page)
    // The issuer knows who it is by now.
    await goThere(page)
    await page.getByLabel('Code of your second factor').fill(await app.next())
    await page.keyboard.press('Enter')
    await page.waitForURL(`${stage.url}/console/`)
    await settled(page)
    await page.getByRole('button', { name: /Your account: mia/i }).waitFor()
  })

  it('is offered by no server that knows none', async () => {
    const other = await openStage()
    try {
      const { page } = await browser.visit(other)
      await page.goto('/console/sign-in')
      await page.getByLabel('Mail address').waitFor()
      expect(await page.getByRole('link', { name: /^Sign in with/ }).count()).toBe(0)
    } finally {
      await other.stop()
    }
  })
})

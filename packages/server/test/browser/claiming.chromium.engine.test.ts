import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { clean, inBoth } from './axe.ts'
import { type Opened, openBrowser, section, settled } from './browser.ts'
import { type HostedSite, openHostedSite } from './hosted-site.ts'
import { enrol, signOut } from './people.ts'

const mia = 'mia@shop.example'

describe('a hosted server that nobody owns yet', () => {
  let site: HostedSite
  let browser: Opened
  beforeAll(async () => {
    site = await openHostedSite()
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await site?.end()
  })

  it('is claimed with the code that it printed; its owner enrols a factor and signs in by mail with it', async () => {
    const [, code = ''] = /with the code (\S+)/.exec(site.greeting.join('\n')) ?? []
    expect(code).not.toBe('')
    const { page } = await browser.visit(site, { ignoreHTTPSErrors: true, expected: /status of 40[139]/ })
    await page.goto('/console/')
    await page.waitForURL('**/console/sign-in?returnTo=*')
    await page.getByRole('link', { name: 'Claim this server' }).click()
    const claim = async (given: string) => {
      await page.getByLabel('Claim code').fill(given)
      await page.getByLabel('Your mail address').fill(mia)
      await page.getByLabel('Your name').fill('Mia of the shop')
      await page.getByRole('button', { name: 'Become the owner' }).click()
    }
    await claim('0000-NOT-THE-CODE')
    await page.getByText('This is not the claim code').waitFor()
    await claim(code.toLowerCase())
    await page.waitForURL('**/console/identity?part=account')
    await settled(page)
    await page.getByRole('button', { name: /Your account: Mia of the shop/ }).waitFor()
    const { app } = await enrol(page)
    await section(page, 'Second factor').getByText('enrolled', { exact: true }).waitFor()

    await signOut(page)
    await page.getByLabel('Mail address').fill(mia)
    await page.keyboard.press('Enter')
    const { link } = await site.signInMail(mia, 1)
    expect(new URL(link).origin).toBe(site.url)
    await page.goto(link)
    const digits = page.getByLabel('Code of your second factor')
    await digits.waitFor()
    expect(await inBoth(page)).toEqual(clean)
    await digits.fill('000000')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await digits.fill(await app.next())
    await page.keyboard.press('Enter')
    await page.waitForURL(`${site.url}/console/`)
    await settled(page)
    await page.getByRole('button', { name: /Your account: Mia of the shop/ }).waitFor()

    // The first one stays the only one.
    const late = await browser.visit(site, { ignoreHTTPSErrors: true, expected: /status of 409/ })
    await late.page.goto('/console/claim')
    await late.page.getByLabel('Claim code').fill(code)
    await late.page.getByLabel('Your mail address').fill('eve@elsewhere.example')
    await late.page.getByLabel('Your name').fill('Eve')
    await late.page.keyboard.press('Enter')
    await late.page.getByText('This server has an owner already.').waitFor()
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, settled } from './browser.ts'
import { signInMails } from './outbox.ts'
import { askForMail, inviteOver } from './people.ts'

const mia = 'mia@shop.example'
const refusals = /status of (403|409|410|429)/

describe('signing in by mail', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    browser = await openBrowser()
  })
  beforeEach(async () => {
    stage = await openStage()
    await inviteOver(stage, mia, 'support', ['default', 'shop'])
  })
  afterEach(async () => {
    await browser.leave()
    await stage?.stop()
  })
  afterAll(() => browser?.close())

  it('leads back to the page that one wanted, by the link in a tab of its own', async () => {
    const { page, tab } = await browser.visit(stage, { expected: /status of 401/ })
    await page.goto('/console/board?q=checkout')
    await page.waitForURL('**/console/sign-in?returnTo=*')
    const { link } = await askForMail(page, stage, mia)
    const opened = await page.context().newPage()
    await opened.goto(link)
    await opened.waitForURL('**/console/board?q=checkout')
    await settled(opened)
    await tab('/identity?part=account')
  })

  it('takes a link that is opened in the tab that waits, and the code with or without its dash', async () => {
    const first = await browser.visit(stage)
    await first.page.goto('/console/sign-in')
    const { link } = await askForMail(first.page, stage, mia)
    await first.page.evaluate((hash) => {
      window.location.hash = hash
    }, new URL(link).hash)
    await first.page.waitForURL(`${stage.url}/console/`)

    const second = await browser.visit(stage)
    await second.page.goto('/console/sign-in')
    const { code } = await askForMail(second.page, stage, mia)
    await second.page.getByLabel('Code of the mail').fill(` ${code.replace('-', '').toLowerCase()} `)
    await second.page.keyboard.press('Enter')
    await second.page.waitForURL(`${stage.url}/console/`)
  })

  it('says where a link belongs that is opened elsewhere, and keeps it good for there', async () => {
    const here = await browser.visit(stage)
    await here.page.goto('/console/sign-in')
    const { link, code } = await askForMail(here.page, stage, mia)

    const there = await browser.visit(stage, { expected: refusals })
    await there.page.goto(link)
    await there.page.getByText('only in the browser that asked for it').waitFor()
    // The way in does not stay in the address, nor in what the browser remembers.
    expect(there.page.url()).toBe(`${stage.url}/console/sign-in`)

    await here.page.getByLabel('Code of the mail').fill(code)
    await here.page.keyboard.press('Enter')
    await here.page.waitForURL(`${stage.url}/console/`)
  })

  it('leads from one tenant into another, also by a link that opens a tab of its own', async () => {
    const { page } = await browser.visit(stage, { expected: /status of 401/ })
    await page.goto('/console/sign-in')
    await page.goto((await askForMail(page, stage, mia)).link)
    await page.waitForURL(`${stage.url}/console/`)
    await settled(page)
    await page.getByRole('button', { name: /Your account.*support · default/ }).click()
    await page.getByRole('button', { name: 'Sign in to shop' }).click()
    await page.waitForURL('**/console/sign-in?tenant=shop')
    await page.getByText('To the tenant shop.').waitFor()
    const { link } = await askForMail(page, stage, mia)
    const opened = await page.context().newPage()
    await opened.goto(link)
    await opened.waitForURL(`${stage.url}/console/`)
    await opened.getByRole('button', { name: /Your account.*support · shop/ }).waitFor()
  })

  it('says that a link is spent, and sends another', async () => {
    const { page } = await browser.visit(stage, { expected: refusals })
    await page.goto('/console/sign-in')
    const { link } = await askForMail(page, stage, mia)
    await page.goto(link)
    await page.waitForURL(`${stage.url}/console/`)
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByText('This link is spent').waitFor()
    const { code } = await askForMail(page, stage, mia)
    for (let wrong = 0; wrong < 5; wrong += 1) {
      await page.getByLabel('Code of the mail').fill('0000-0000')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      if (await page.getByText('This link is spent').isVisible()) break
    }
    if (!(await page.getByText('This link is spent').isVisible())) {
      await page.getByLabel('Code of the mail').fill(code)
      await page.keyboard.press('Enter')
    }
    await page.getByText('This link is spent').waitFor()
  })

  it('answers the same whoever asks, and says how long to wait when too many ask', async () => {
    const { page } = await browser.visit(stage, { expected: refusals })
    await page.goto('/console/sign-in')
    for (let asked = 0; asked < 10; asked += 1) {
      await page.getByLabel('Mail address').fill(`nobody-${asked}@shop.example`)
      await page.keyboard.press('Enter')
      await page.getByText('a mail is on its way').waitFor()
      await page.getByRole('button', { name: 'Use another address, or ask again' }).click()
    }
    await page.getByLabel('Mail address').fill(mia)
    await page.keyboard.press('Enter')
    await page.getByText(/Try again in \d+/).waitFor()
    expect(signInMails(stage, mia)).toEqual([])
  })
})

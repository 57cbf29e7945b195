import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { clean, inBoth, overflow } from './axe.ts'
import { type Opened, openBrowser, settled } from './browser.ts'
import { dialog, enterAsOwner, finishEnrolling, openPart } from './people.ts'

const refusals = /status of (403|404|409|410|429)/
const sizes = { 'a wide screen': { width: 1300, height: 900 }, 'a phone': { width: 390, height: 844 } }

/** Looks at what is shown, in light and in dark, and at whether it fits. */
async function look(page: Page, what: string): Promise<void> {
  expect(await inBoth(page), what).toEqual(clean)
  expect(await overflow(page), what).toBe(0)
}

describe.each(Object.entries(sizes))('on %s, everybody can use', (_, viewport) => {
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

  it('what stands before signing in', async () => {
    const { page } = await browser.visit(stage, { expected: refusals, viewport })
    await page.goto('/console/claim')
    await page.getByLabel('Claim code').fill('no such code')
    await page.getByLabel('Your mail address').fill('mia@shop.example')
    await page.getByLabel('Your name').fill('Mia')
    await look(page, 'claim')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await look(page, 'claim, refused')

    await page.goto('/console/sign-in#a-link-of-nobody-at-all')
    await page.getByRole('alert').waitFor()
    await look(page, 'a link that is no good')
    await page.goto('/console/sign-in')
    await page.getByText('Use a token').click()
    await look(page, 'sign in')
    await page.getByLabel('Mail address').fill('nobody@shop.example')
    await page.getByRole('button', { name: 'Send me a link' }).click()
    await page.getByLabel('Code of the mail').waitFor()
    await look(page, 'look into your mail')
    await page.getByLabel('Code of the mail').fill('0000-0000')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await look(page, 'a wrong code')
  })

  it('the page Identity and all its dialogs', async () => {
    const owner = await enterAsOwner(browser, stage, { expected: refusals, viewport })
    const { page } = owner
    const dismiss = async () => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
    await openPart(owner, 'account')
    await look(page, 'my account')
    await page.getByRole('button', { name: 'Enrol', exact: true }).click()
    await page.getByLabel('The code that the app shows now').waitFor()
    await look(page, 'enrolling')
    const { app } = await finishEnrolling(page)
    await settled(page)
    await page.getByRole('button', { name: 'Replace' }).click()
    await page.getByLabel('Code of the old factor').waitFor()
    await look(page, 'replacing')
    await dismiss()

    await openPart(owner, 'people')
    await page.getByRole('button', { name: 'Invite' }).click()
    await look(page, 'inviting')
    await page.getByLabel('Mail address').fill('a-rather-long-address-of-somebody@department.shop.example')
    await dialog(page, 'Invite somebody').getByRole('button', { name: 'Invite' }).click()
    await page.getByText('is invited.').waitFor()
    await look(page, 'people')
    for (const [name, title] of [
      ['Sessions', /Sessions of/],
      ['Change role', /Change the role/],
      ['Disable', /Disable/],
    ] as const) {
      await page.getByRole('button', { name: /Actions for a-rather/ }).click()
      if (name === 'Sessions') await look(page, 'what can be done with a person')
      await page.getByRole('button', { name }).click()
      await dialog(page, title).waitFor()
      await look(page, name)
      if (name === 'Disable') break
      await dismiss()
    }
    await page.getByLabel('Reason').fill('left the team')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByLabel('Code of your second factor').waitFor()
    await look(page, 'proving')
    await page.getByLabel('Code of your second factor').fill('000000')
    await page.keyboard.press('Enter')
    await page.getByText('Not accepted').waitFor()
    await look(page, 'a proof that is not accepted')
    await page.getByLabel('Code of your second factor').fill(await app.next())
    await page.keyboard.press('Enter')
    await page.getByText('is disabled.').waitFor()
    await look(page, 'people, one disabled')

    await openPart(owner, 'tokens')
    await look(page, 'tokens, none yet')
    await page.getByRole('button', { name: 'Create a token' }).click()
    await look(page, 'creating a token')
    await page.getByText('For a producer').click()
    await page.getByLabel('Label').fill('runner')
    await page.getByLabel('records:write').check()
    await page.getByLabel('Speaks for').fill('flow')
    await look(page, 'creating a token of a producer')
    await page.getByLabel('Speaks for').fill('flow/runner')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await dialog(page, 'The token').waitFor()
    await look(page, 'the token')
    await page.getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('button', { name: 'Actions for runner' }).waitFor()
    await look(page, 'tokens')
    for (const name of ['Rotate', 'Revoke']) {
      await page.getByRole('button', { name: 'Actions for runner' }).click()
      await page.getByRole('button', { name, exact: true }).click()
      await dialog(page, `${name} runner`).waitFor()
      await look(page, name)
      await dismiss()
    }

    await openPart(owner, 'keys')
    await look(page, 'keys')
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByLabel('Type ROTATE to go on').waitFor()
    await look(page, 'rotating')
    await dismiss()
    await openPart(owner, 'mail')
    await page.locator('details').first().locator('summary').click()
    await look(page, 'mail')
    if (viewport.width > 820) {
      await page.getByRole('button', { name: /Your account/ }).click()
      await page.getByRole('dialog', { name: 'Your account' }).waitFor()
      await look(page, 'the account')
    }
  })
})

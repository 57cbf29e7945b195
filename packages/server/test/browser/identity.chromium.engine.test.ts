import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, section, settled } from './browser.ts'
import {
  askForMail,
  dialog,
  enrol,
  enterAsOwner,
  finishEnrolling,
  inviteOver,
  openPart,
  signOut,
} from './people.ts'

/** What a browser says of the refusals that these pages are about. */
const refusals = /status of (403|409|401)/
const mia = 'mia@shop.example'

describe('the page Identity', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    browser = await openBrowser()
  })
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(async () => {
    await browser.leave()
    await stage?.stop()
  })
  afterAll(() => browser?.close())

  it('lets an owner enrol a factor, invite somebody, change their role and rotate the keys, each with its proof', async () => {
    const owner = await enterAsOwner(browser, stage, { expected: refusals })
    const { page } = owner
    await openPart(owner, 'account')
    await section(page, 'Second factor').getByText('not enrolled', { exact: true }).waitFor()
    const { app, recoveryCodes } = await enrol(page)
    expect(new Set(recoveryCodes).size).toBe(10)
    await section(page, 'Second factor').getByText('enrolled', { exact: true }).waitFor()
    // The session was replaced by one that knows of the factor, and the page went on.
    await settled(page)

    await openPart(owner, 'people')
    await page.getByRole('button', { name: 'Invite' }).click()
    const inviting = dialog(page, 'Invite somebody')
    await inviting.getByLabel('Mail address').fill(mia)
    await inviting.getByRole('button', { name: 'Invite' }).click()
    await page.getByText(`${mia} is invited.`).waitFor()
    const row = page.getByRole('row').filter({ hasText: mia })
    await row.getByText('developer').waitFor()
    await row.getByText('invited', { exact: true }).waitFor()

    // Accepting it is asking for a link, in whatever browser.
    const other = await browser.visit(stage, { expected: refusals })
    await other.page.goto('/console/sign-in')
    const { link } = await askForMail(other.page, stage, mia)
    await other.page.goto(link)
    await other.page.waitForURL(`${stage.url}/console/`)
    await settled(other.page)

    await row.getByRole('button', { name: /^Actions for/ }).click()
    await page.getByRole('button', { name: 'Change role' }).click()
    const changing = dialog(page, /Change the role/)
    await changing.getByRole('combobox', { name: 'Role' }).click()
    await page.getByRole('option', { name: 'viewer' }).click()
    await changing.getByRole('button', { name: 'Change', exact: true }).click()
    const proving = dialog(page, 'Prove that you mean this')
    await proving.getByText(`Make ${mia} viewer in default`).waitFor()
    await proving.getByText('developer', { exact: true }).waitFor()
    const doIt = proving.getByRole('button', { name: 'Do it' })
    expect(await doIt.isDisabled()).toBe(true)
    await proving.getByLabel('Code of your second factor').fill('000000')
    await doIt.click()
    await proving.getByText('Not accepted').waitFor()
    await proving.getByLabel('Code of your second factor').fill(await app.next())
    await doIt.click()
    await page.getByText('is now viewer in default').waitFor()
    await row.getByText('viewer').waitFor()
    // Another role is another session.
    await other.page.waitForURL('**/console/sign-in?returnTo=*')

    await openPart(owner, 'keys')
    const keys = section(page, 'Signing keys')
    await keys.getByText('current', { exact: true }).waitFor()
    await keys.getByRole('button', { name: 'Rotate' }).click()
    await proving.getByLabel('Type ROTATE to go on').fill('rotate')
    await proving.getByLabel('Code of your second factor').fill(await app.next())
    expect(await doIt.isDisabled()).toBe(true)
    await proving.getByLabel('Type ROTATE to go on').fill('ROTATE')
    await doIt.click()
    await keys.getByText('The rotation has begun.').waitFor()
    await keys.getByText('next', { exact: true }).waitFor()
  })

  it('shows what changed between showing and doing, and asks again', async () => {
    const owner = await enterAsOwner(browser, stage, { expected: refusals })
    const { page } = owner
    await openPart(owner, 'account')
    const { app } = await enrol(page)
    await openPart(owner, 'people')
    await page.getByRole('button', { name: 'Invite' }).click()
    await page.getByLabel('Mail address').fill(mia)
    await dialog(page, 'Invite somebody').getByRole('button', { name: 'Invite' }).click()
    await page.getByText(`${mia} is invited.`).waitFor()

    const change = async (role: string, on = page) => {
      const row = on.getByRole('row').filter({ hasText: mia })
      await row.getByRole('button', { name: /^Actions for/ }).click()
      await on.getByRole('button', { name: 'Change role' }).click()
      const changing = dialog(on, /Change the role/)
      await changing.getByRole('combobox', { name: 'Role' }).click()
      await on.getByRole('option', { name: role }).click()
      await changing.getByRole('button', { name: 'Change', exact: true }).click()
      return dialog(on, 'Prove that you mean this')
    }
    const first = await change('support')
    await first.getByText('developer', { exact: true }).waitFor()
    const tab = await owner.tab('/identity?part=people')
    const second = await change('operator', tab)
    await second.getByLabel('Code of your second factor').fill(await app.next())
    await second.getByRole('button', { name: 'Do it' }).click()
    await tab.getByText('is now operator').waitFor()

    await first.getByLabel('Code of your second factor').fill(await app.next())
    await first.getByRole('button', { name: 'Do it' }).click()
    await first.getByText('This has changed since it was shown.').waitFor()
    const from = first.getByRole('row').filter({ hasText: 'changed' })
    expect((await from.allTextContents()).join()).toMatch(/from.*developer.*operator/i)
    await first.getByRole('button', { name: 'Cancel' }).click()
    await first.waitFor({ state: 'hidden' })
    await dialog(page, /Change the role/)
      .getByRole('button', { name: 'Cancel' })
      .click()
    await page.reload()
    await page.getByRole('row').filter({ hasText: mia }).getByText('operator').waitFor()
  })

  it('gives a token out once, lets its old secret overlap, and ends it', async () => {
    const owner = await enterAsOwner(browser, stage)
    const { page } = owner
    await openPart(owner, 'tokens')
    const tokens = section(page, 'Tokens')
    await tokens.getByText('No token has been made yet').waitFor()
    await tokens.getByRole('button', { name: 'Create a token' }).click()
    const creating = dialog(page, 'Create a token')
    await creating.getByLabel('Label').fill('nightly report')
    expect(await creating.getByRole('button', { name: 'Create', exact: true }).isDisabled()).toBe(true)
    await creating.getByLabel('records:read').check()
    await creating.getByRole('button', { name: 'Create', exact: true }).click()
    const once = dialog(page, 'The token')
    const token = (await once.locator('pre').textContent()) ?? ''
    expect(token).toMatch(/^qd_service_\w+_[\w-]{43}$/)
    await once.getByText('This will not be shown again.').waitFor()
    await page.keyboard.press('Escape')
    expect(await once.isVisible()).toBe(true)
    await once.getByRole('button', { name: 'I have kept it' }).click()
    expect(await page.content()).not.toContain(token)
    await stage.as(token).records.state()

    const row = page.getByRole('row').filter({ hasText: 'nightly report' })
    await row.getByText('records:read').waitFor()
    await page.getByRole('button', { name: 'Actions for nightly report' }).click()
    await page.getByRole('button', { name: 'Rotate', exact: true }).click()
    await dialog(page, 'Rotate nightly report').getByRole('button', { name: 'Rotate' }).click()
    const rotated = (await once.locator('pre').textContent()) ?? ''
    expect(rotated).not.toBe(token)
    await once.getByRole('button', { name: 'I have kept it' }).click()
    await row.getByText('old secret until').waitFor()
    await stage.as(token).records.state()
    await stage.as(rotated).records.state()

    await page.getByRole('button', { name: 'Actions for nightly report' }).click()
    await page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await dialog(page, 'Revoke nightly report').getByRole('button', { name: 'Revoke' }).click()
    await row.getByText('revoked', { exact: true }).waitFor()
    for (const secret of [token, rotated])
      await expect(stage.as(secret).records.state()).rejects.toMatchObject({ status: 401 })
  })

  it('holds a producer to those it speaks for', async () => {
    const owner = await enterAsOwner(browser, stage)
    const { page } = owner
    await openPart(owner, 'tokens')
    await page.getByRole('button', { name: 'Create a token' }).click()
    const creating = dialog(page, 'Create a token')
    await creating.getByText('For a producer').click()
    await creating.getByLabel('Label').fill('runner')
    await creating.getByLabel('records:write').check()
    expect(await creating.getByLabel('records:read').count()).toBe(0)
    await creating.getByLabel('Speaks for').fill('runner')
    await creating.getByText('No product/id: runner').waitFor()
    expect(await creating.getByRole('button', { name: 'Create', exact: true }).isDisabled()).toBe(true)
    await creating.getByLabel('Speaks for').fill('flow/runner')
    await creating.getByRole('button', { name: 'Create', exact: true }).click()
    await dialog(page, 'The token').getByRole('button', { name: 'I have kept it' }).click()
    await page.getByRole('row').filter({ hasText: 'runner' }).getByText('speaks for flow/runner').waitFor()
  })

  it('replaces a factor by the code of the old one, and ends sessions elsewhere', async () => {
    await inviteOver(stage, mia, 'support')
    const here = await browser.visit(stage, { expected: refusals })
    const { page } = here
    await page.goto('/console/sign-in?returnTo=/console/identity?part=account')
    await page.goto((await askForMail(page, stage, mia)).link)
    await page.waitForURL('**/console/identity?part=account')
    await settled(page)
    const { app, recoveryCodes } = await enrol(page)

    // The same person elsewhere: by mail, and with the factor now.
    const away = await browser.visit(stage, { expected: refusals })
    await away.page.goto('/console/sign-in')
    const { code } = await askForMail(away.page, stage, mia)
    await away.page.getByLabel('Code of the mail').fill(code)
    await away.page.keyboard.press('Enter')
    await away.page.getByLabel('Code of your second factor').fill(await app.next())
    await away.page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await away.page.waitForURL(`${stage.url}/console/`)
    await settled(away.page)

    await page.reload()
    const sessions = section(page, 'Where you are signed in')
    await expect.poll(() => sessions.getByRole('row').count()).toBe(3)
    await sessions.getByText('this one', { exact: true }).waitFor()
    await sessions.getByRole('button', { name: 'End all others' }).click()
    await away.page.waitForURL('**/console/sign-in?returnTo=*')
    await expect.poll(() => sessions.getByRole('row').count()).toBe(2)

    await page.getByRole('button', { name: 'Replace' }).click()
    await dialog(page, 'Enrol a second factor')
      .getByLabel('Code of the old factor')
      .fill(await app.next())
    await page.keyboard.press('Enter')
    const renewed = await finishEnrolling(page)
    expect(renewed.recoveryCodes.filter((each) => recoveryCodes.includes(each))).toEqual([])

    await signOut(page)
    await askForMail(page, stage, mia).then((mail) =>
      page.getByLabel('Code of the mail').fill(mail.code.toLowerCase().replace('-', ' ')),
    )
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(renewed.recoveryCodes[3] ?? '')
    await page.keyboard.press('Enter')
    // Whoever lost the factor is led to enrolling a new one, for which none of the old is asked.
    await page.waitForURL('**/console/identity?part=account')
    await settled(page)
    await page.getByRole('button', { name: 'Replace' }).click()
    await finishEnrolling(page)
  })
})

describe('what somebody may not do', () => {
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

  it('is said where it would be done: to a token, which proves nothing', async () => {
    const visitor = await browser.enter(stage)
    const { page } = visitor
    await openPart(visitor, 'people')
    await page.getByText('To look at. This needs the permission identity:operators.').waitFor()
    const invite = page.getByRole('button', { name: 'Invite' })
    expect(await invite.getAttribute('aria-disabled')).toBe('true')
    await invite.click({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)
    await openPart(visitor, 'account')
    await page.getByText('You came in with a token of the class service').waitFor()
    await openPart(visitor, 'keys')
    await page.getByText('This page needs the permission identity:keys').waitFor()
  })

  it('leads from a proof that needs a factor to enrolling one', async () => {
    const owner = await enterAsOwner(browser, stage, { expected: /status of 403/ })
    const { page } = owner
    await openPart(owner, 'keys')
    await page.getByRole('button', { name: 'Rotate' }).click()
    await page.getByLabel('Type ROTATE to go on').fill('ROTATE')
    await page.getByLabel('Code of your second factor').fill('123456')
    await page.keyboard.press('Enter')
    await page.getByText('This needs your second factor, and none is enrolled.').waitFor()
    await page.getByRole('link', { name: 'Enrol one' }).click()
    await section(page, 'Second factor').getByText('not enrolled', { exact: true }).waitFor()
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.getByRole('button', { name: /Your account/ }).click()
    const account = page.getByRole('dialog', { name: 'Your account' })
    await account.getByText('local@localhost').waitFor()
    await account.getByRole('link', { name: 'Enrol your second factor' }).waitFor()
  })
})

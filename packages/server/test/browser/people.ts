import { readFileSync } from 'node:fs'
import type { Role } from '@quarterdeck/sdk/contract/identity'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { localOwner } from '../journeys/people.ts'
import type { Stage } from '../stage.ts'
import { type Authenticator, authenticator, readQr } from './authenticator.ts'
import { type Opened, settled, type VisitOptions, type Visitor } from './browser.ts'
import { nextSignInMail, signInMails } from './outbox.ts'

/** Somebody who is signed in as the owner of a local server, by the link that it greets with. */
export async function enterAsOwner(browser: Opened, stage: Stage, options?: VisitOptions): Promise<Visitor> {
  const [link = ''] = /https?:\S+ticket=\S+/.exec(stage.running.greeting.join('\n')) ?? []
  const visitor = await browser.visit(stage, options)
  await visitor.page.goto(link)
  await visitor.page.waitForURL(`${stage.url}/console/`)
  await settled(visitor.page)
  return visitor
}

/** Invites somebody, to one tenant or several, in the name of the local owner, whose one link is spent by that. */
export async function inviteOver(
  stage: Stage,
  email: string,
  role: Role,
  tenants: readonly string[] = ['default'],
): Promise<void> {
  const owner = await localOwner(stage)
  for (const tenant of tenants) {
    const { status } = await owner.ask('POST /identity/operators', { email, role, tenant })
    if (status !== 200) throw new Error(`the invitation was refused with ${status}`)
  }
}

/** Opens a part of the page Identity. */
export async function openPart(
  visitor: Visitor,
  part: 'people' | 'tokens' | 'account' | 'keys' | 'mail',
): Promise<void> {
  await visitor.goto(`/identity?part=${part}`)
}

/** The dialog on top of the page. */
export function dialog(page: Page, title: string | RegExp) {
  return page.getByRole('dialog', { name: title })
}

/** Enrols a second factor on the page My account, which is open: scans the code, types the first one, keeps the rest. */
export async function enrol(page: Page): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
  await page.getByRole('button', { name: 'Enrol', exact: true }).click()
  return finishEnrolling(page)
}

/** The same from where the new secret is shown. */
export async function finishEnrolling(page: Page): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
  const enrolling = dialog(page, 'Enrol a second factor')
  const app = authenticator(await readQr(enrolling.getByRole('img', { name: 'QR code of the new factor' })))
  await enrolling.getByLabel('The code that the app shows now').fill(await app.next())
  await page.keyboard.press('Enter')
  const shown = dialog(page, 'Your recovery codes')
  const recoveryCodes = ((await shown.locator('pre').textContent()) ?? '').trim().split('\n')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    shown.getByRole('button', { name: 'Download as text' }).click(),
  ])
  expect(
    readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n'),
  ).toEqual(recoveryCodes)
  await shown.getByRole('button', { name: 'I have kept it' }).click()
  await shown.waitFor({ state: 'hidden' })
  return { app, recoveryCodes }
}

/** Asks for a link on the sign-in page, which is open, and answers the mail that comes. */
export async function askForMail(page: Page, stage: Stage, email: string) {
  const before = signInMails(stage, email).length
  await page.getByLabel('Mail address').fill(email)
  await page.getByRole('button', { name: 'Send me a link' }).click()
  await page.getByLabel('Code of the mail').waitFor()
  return nextSignInMail(stage, email, before)
}

/** Leaves by the sidebar's button. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click()
  await page.waitForURL('**/console/sign-in')
}

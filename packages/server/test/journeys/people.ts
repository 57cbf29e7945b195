import { Secret, TOTP } from 'otpauth'
import type { Stage } from '../stage.ts'
import { browserAt, type TestBrowser } from './browser-of.ts'

/** A browser in which the owner of a local server is signed in, by the link that the server printed. */
export async function localOwner(stage: Stage): Promise<TestBrowser> {
  const ticket = /#ticket=([\w-]+)/.exec(stage.running.greeting.join('\n'))?.[1]
  if (ticket === undefined) throw new Error('the server printed no ticket')
  const browser = browserAt(stage.url)
  const { status } = await browser.ask('POST /session', { token: ticket })
  if (status !== 204) throw new Error(`the ticket was refused with ${status}`)
  return browser
}

/** The newest mail to an address, as the owner reads it in the outbox; waits a while for it. */
export async function mailTo(owner: TestBrowser, email: string, after = 0): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const { body } = await owner.ask('GET /identity/mail')
    const found = (body.items as { to: string; text: string; at: string; subject: string }[]).filter(
      (mail) => mail.to === email && Date.parse(mail.at) >= after && /sign-in#/.test(mail.text),
    )
    if (found[0] !== undefined) return found[0].text
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no mail came for ${email}`)
}

/** Asks for a link and signs in with it, in a browser of its own. */
export async function signInByMail(stage: Stage, owner: TestBrowser, email: string): Promise<TestBrowser> {
  const browser = browserAt(stage.url)
  const asked = Date.now()
  await browser.ask('POST /auth/link', { email })
  const token = /sign-in#([\w-]+)/.exec(await mailTo(owner, email, asked))?.[1]
  const { status, body } = await browser.ask('POST /auth/confirm', { token })
  if (status !== 200) throw new Error(`the link was refused: ${status} ${body?.code}`)
  return browser
}

/** Invites somebody, who signs in. */
export async function invited(
  stage: Stage,
  owner: TestBrowser,
  email: string,
  role: string,
): Promise<TestBrowser> {
  const { status, body } = await owner.ask('POST /identity/operators', { email, role })
  if (status !== 200) throw new Error(`the invitation was refused: ${status} ${body?.code}`)
  return signInByMail(stage, owner, email)
}

/** The codes of a second factor, in steps of 30 s from now. */
export function factorOf(secret: string): (step?: number) => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 })
  return (step = 0) => totp.generate({ timestamp: Date.now() + step * 30_000 })
}

/** Waits until the present step of 30 s has so much left, for a test that says the code of the step before. */
export async function roomInStep(ms: number): Promise<void> {
  const left = 30_000 - (Date.now() % 30_000)
  if (left < ms) await new Promise((resolve) => setTimeout(resolve, left + 10))
}

/** Enrols a second factor; answers its codes and the recovery codes. */
export async function enrol(
  browser: TestBrowser,
): Promise<{ code: (step?: number) => string; recoveryCodes: string[] }> {
  const begun = await browser.ask('POST /identity/totp', {})
  const code = factorOf(begun.body.secret as string)
  // The step before counts too, so the present one stays free for what the test does next.
  await roomInStep(3_000)
  const done = await browser.ask('POST /identity/totp/confirm', { code: code(-1) })
  if (done.status !== 200) throw new Error(`enrolling was refused: ${done.status} ${done.body?.code}`)
  return { code, recoveryCodes: done.body.recoveryCodes as string[] }
}

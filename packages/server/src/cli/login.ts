import { type ConnectOptions, serverOf } from '../main/connect.ts'
import { login } from '../main/login.ts'
import { openLogins } from '../main/login-store.ts'
import { ask } from './ask.ts'

const questions = {
  code: 'The code of the mail',
  factor: 'Code of your second factor, or a recovery code',
} as const

/** Signs a person in by mail, and keeps the login for the commands that follow. */
export async function loginVerb(
  options: Pick<ConnectOptions, 'url'> & { email?: string; tenant?: string },
): Promise<void> {
  const url = serverOf(options)
  const email = options.email ?? (await ask('Your mail address'))
  if (process.stdin.isTTY) console.error(`A mail is on its way to ${email}, if ${url} knows that address.`)
  const pair = await login({
    url,
    email,
    tenant: options.tenant,
    ask: (what) => ask(questions[what], { hidden: what === 'factor' }),
  })
  openLogins().write(url, pair)
  console.log(`Logged in at ${url}.`)
}

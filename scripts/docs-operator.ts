import { browserAt } from '../packages/server/test/journeys/browser-of.ts'
import { factorOf, localOwner, mailTo } from '../packages/server/test/journeys/people.ts'
import type { Stage } from '../packages/server/test/stage.ts'

/** Whom the commands of the docs act as: an owner with a second factor. `code` is what the authenticator shows now. */
export interface DocsOperator {
  readonly accessToken: string
  code(): string
}

/** Invites an owner, who logs in as a program does and enrols a factor. */
export async function docsOperator(stage: Stage): Promise<DocsOperator> {
  const email = 'ada@example.com'
  const owner = await localOwner(stage)
  await owner.ask('POST /identity/operators', { email, role: 'owner' })
  const program = browserAt(stage.url)
  await program.ask('POST /auth/link', { email })
  const code = /^([0-9A-Z]{4}-[0-9A-Z]{4})$/m.exec(await mailTo(owner, email))?.[1]
  const { body } = await program.ask('POST /auth/confirm', { code, as: 'token' })
  const accessToken = String(body.accessToken)
  const as = { authorization: `Bearer ${accessToken}` }
  const begun = await program.ask('POST /identity/totp', {}, as)
  const factor = factorOf(String(begun.body.secret))
  // The step before counts too, so the present one stays free for the commands.
  const done = await program.ask('POST /identity/totp/confirm', { code: factor(-1) }, as)
  if (done.status !== 200) throw new Error(`enrolling was refused: ${done.status} ${done.body?.code}`)
  return { accessToken, code: () => factor() }
}

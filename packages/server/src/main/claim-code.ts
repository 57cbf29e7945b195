import { randomBytes, randomUUID } from 'node:crypto'
import { createClaim } from '../features/identity/people/claim.ts'
import { createStore, prepare } from '../features/identity/store.ts'
import { openEngines } from './engines.ts'
import { configure } from './environment.ts'

/** What stands of the code that makes the first owner. */
export type ClaimCode =
  | { readonly state: 'made'; readonly code: string }
  /** The settings bring it: CONSOLE_CLAIM_CODE. */
  | { readonly state: 'set' }
  /** There is an owner, and no code any more. */
  | { readonly state: 'claimed' }

/** Makes the one-time code anew, as the one before is known by its hash alone, and is void from now on. */
export async function claimCode(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<ClaimCode> {
  const config = configure(env)
  const engines = await openEngines(config, {
    now: Date.now,
    randomId: () => randomUUID(),
    report: () => undefined,
  })
  try {
    const { tables, keep } = engines.ports
    await prepare(tables)
    const claim = createClaim({
      store: createStore({ tables }),
      keep,
      homeTenant: config.tenant,
      codeSet: config.claimCode,
      now: Date.now,
      randomBytes,
      newId: () => randomUUID(),
    })
    const code = await claim.code({ anew: true })
    if (code !== null) return { state: 'made', code }
    return { state: config.claimCode === null ? 'claimed' : 'set' }
  } finally {
    await engines.close()
  }
}

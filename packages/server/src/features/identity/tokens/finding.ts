import type { Actor } from '@quarterdeck/sdk/actor'
import { z } from 'zod'
import { AccessClaims } from './access-claims.ts'

/** What stands behind an actor, so that it can be asked for again without the credential's text. */
export const Holder = z.discriminatedUnion('by', [
  /** A token of the settings or of the table, by its public id. */
  z.object({ by: z.literal('credential'), id: z.string() }),
  z.object({ by: z.literal('session'), id: z.string() }),
  /** Verified claims of a token of ours. */
  z.object({ by: z.literal('claims'), claims: AccessClaims }),
  /** A verified token of an external issuer. */
  z.object({
    by: z.literal('issued'),
    issued: z.object({
      issuer: z.string(),
      sub: z.string(),
      claims: z.record(z.string(), z.unknown()),
      expiresAt: z.number(),
    }),
  }),
])
export type Holder = z.output<typeof Holder>

/** Who a credential was found to stand for, and for how long that may be believed without looking again. */
export interface Finding {
  readonly actor: Actor
  /** Unix ms; `Infinity`: until one of the rows changes. */
  readonly expiresAt: number
  /** Rows `table/id` whose change makes this void. */
  readonly dependsOn: readonly string[]
  readonly holder: Holder
  /** The token of the table whose use is noted. */
  readonly used?: string
}

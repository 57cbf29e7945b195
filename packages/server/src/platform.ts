import type { Actor } from '@quarterdeck/sdk/actor'
import { contract, feeds, operations } from '@quarterdeck/sdk/contract'
import type { Code } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import type { FeedSource } from './core/feed.ts'
import { createJournal, type Journal, sealDecision } from './core/journal.ts'
import { openLogKey } from './core/log-key.ts'
import type { Meter } from './core/meter.ts'
import { meteredLog } from './core/metered-log.ts'
import { createPerform, type Handler, type Perform } from './core/perform.ts'
import type { Redactor } from './core/redact.ts'
import { createAuthenticate } from './features/identity/authenticate.ts'
import { type BootstrapToken, createBootstrapTokens } from './features/identity/bootstrap-tokens.ts'
import { identityHandlers } from './features/identity/handlers.ts'
import { developerPermissions } from './features/identity/roles.ts'
import { createSessions, type Sessions } from './features/identity/sessions.ts'
import { recordsArea } from './features/records/area.ts'
import { type TelemetrySettings, telemetryArea } from './features/telemetry/area.ts'
import type { Keep } from './ports/keep.ts'
import type { Log } from './ports/log.ts'
import type { Tables } from './ports/tables.ts'

/** The engines of one deployment. */
export interface Ports {
  readonly records: Log
  readonly telemetry: Log
  readonly decisions: Log
  readonly keep: Keep
  readonly tables: Tables
}

export interface PlatformNeeds {
  readonly ports: Ports
  readonly environment: { readonly name: string; readonly kind: 'production' | 'staging' | 'other' }
  readonly homeTenant: string
  readonly tokens: readonly BootstrapToken[]
  readonly secret: string
  readonly secretPrevious: string | null
  readonly telemetry: TelemetrySettings
  readonly switchedOff: (area: string) => boolean
  readonly redact: Redactor
  readonly meter: Meter
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly randomId: () => string
  /** Changes with the code that folds records. */
  readonly foldSource: string
  readonly later: (ms: number, run: () => void) => void
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** The features put together: what a transport needs to serve them. */
export interface Platform {
  readonly bound: readonly { readonly operation: Operation; readonly handler: Handler<Operation> }[]
  readonly feeds: readonly {
    readonly topic: string
    readonly permission: string
    readonly source: FeedSource
  }[]
  readonly perform: Perform
  readonly journal: Journal
  readonly authenticate: ReturnType<typeof createAuthenticate>
  readonly sessions: Sessions
  /** The projections that `/readyz` asks about and metrics measure. */
  readonly projections: readonly {
    readonly name: string
    readonly projection: ReturnType<typeof recordsArea>['projection']
  }[]
  /** Brings the folds of all known tenants up to the heads of their logs. */
  warm(): Promise<void>
  /** What is done once an hour. */
  prune(): Promise<void>
  /** What is done once a minute. */
  minutely(): Promise<void>
  stop(): Promise<void>
}

/** How decisions are chained; whoever opens the decisions log hands this to its adapter. */
export { sealDecision }

/** Puts the platform together. Rejects with `KeySetMismatch` when the database was sealed under another secret. */
export async function createPlatform(needs: PlatformNeeds): Promise<Platform> {
  const { ports, now, meter, redact, homeTenant } = needs
  const metered = (log: Log, name: string) => meteredLog(log, name, meter, now)
  const decisions = metered(ports.decisions, 'decisions')
  const journal = createJournal({
    log: decisions,
    now,
    randomId: needs.randomId,
    environment: needs.environment.name,
    redact,
  })
  const key = await openLogKey({
    tables: ports.tables,
    secret: needs.secret,
    previous: needs.secretPrevious,
    randomBytes: needs.randomBytes,
  })
  const journalRefusal = (actor: Actor, operation: string, code: Code) =>
    journal.refused({ actor, operation, by: actor.credential, code })
  const common = { ...needs, keep: ports.keep, key, journalRefusal }

  const records = recordsArea({ ...common, log: metered(ports.records, 'records') })
  const telemetry = telemetryArea({
    ...common,
    log: metered(ports.telemetry, 'telemetry'),
    decisions,
    settings: needs.telemetry,
  })
  const tokens = createBootstrapTokens({
    tokens: needs.tokens,
    permissions: developerPermissions(operations()),
    now,
  })
  const sessions = createSessions({
    tables: ports.tables,
    keep: ports.keep,
    byCredential: tokens.byCredential,
    now,
    randomToken: () => Buffer.from(needs.randomBytes(32)).toString('base64url'),
  })

  const handlers: Record<keyof typeof contract, object> = {
    records: records.handlers,
    telemetry: telemetry.handlers,
    identity: identityHandlers({ tokens, sessions, environment: needs.environment }),
  }
  const bound = Object.entries(contract).flatMap(([area, verbs]) =>
    Object.entries<Operation>(verbs).map(([verb, operation]) => {
      // Each area's handlers were checked against its contract where they are made; here they are only looked up.
      const mine = handlers[area as keyof typeof contract] as Record<string, Handler<Operation>>
      return { operation, handler: mine[verb] as Handler<Operation> }
    }),
  )
  const sources: Record<keyof typeof feeds, FeedSource> = { ...records.feeds, telemetry: telemetry.feed }

  async function eachTenant(log: Log, run: (tenant: string) => Promise<unknown>): Promise<void> {
    for (const tenant of await log.tenants()) await run(tenant)
  }

  return {
    bound,
    feeds: Object.values(feeds).map(({ topic, permission }) => ({
      topic,
      permission,
      source: sources[topic],
    })),
    perform: createPerform({ journal, switchedOff: needs.switchedOff }),
    journal,
    authenticate: createAuthenticate({ tokens, sessions, now }),
    sessions,
    projections: [{ name: 'records', projection: records.projection }],
    async warm() {
      await Promise.all(
        [...new Set([homeTenant, ...(await ports.records.tenants())])].map((tenant) =>
          records.projection.live(tenant),
        ),
      )
    },
    async prune() {
      await eachTenant(ports.records, records.prune)
      await eachTenant(ports.telemetry, async (tenant) => {
        const gone = await telemetry.prune(tenant)
        if (gone === 0) return
        const actor = { tenant, principal: 'platform', class: 'service' } as const
        await journal.write({ actor, operation: 'telemetry.prune', phase: 'done', payload: { gone } })
      })
    },
    async minutely() {
      await journal.sweep()
      await telemetry.minutely()
    },
    async stop() {
      await records.stop()
      await telemetry.stop()
      await journal.flush()
    },
  }
}

import type { Actor } from '@quarterdeck/sdk/actor'
import { contract, feeds } from '@quarterdeck/sdk/contract'
import type { Code } from '@quarterdeck/sdk/errors'
import type { Log as Say } from '@quarterdeck/sdk/functions/context'
import type { Operation } from '@quarterdeck/sdk/operation'
import type { FeedSource, OpenFeed } from './core/feed.ts'
import { sayAlive } from './core/idempotency.ts'
import { createJournal, type Journal, sealDecision } from './core/journal.ts'
import type { Limiter } from './core/limits/limiter.ts'
import { openLogKey } from './core/log-key.ts'
import type { Meter } from './core/meter.ts'
import { meteredLog } from './core/metered-log.ts'
import { type Bound, createPerform, type Handler, type Perform, type Shown } from './core/perform.ts'
import { createProofs } from './core/proof.ts'
import type { Redactor } from './core/redact.ts'
import type { Tracer } from './core/tracer.ts'
import { type FunctionsSettings, functionsArea } from './features/functions/area.ts'
import type { LoadedApp } from './features/functions/loaded-app.ts'
import { type IdentityArea, type IdentitySettings, identityArea } from './features/identity/area.ts'
import { makeToken } from './features/identity/secret-hash.ts'
import { recordsArea } from './features/records/area.ts'
import { type TelemetrySettings, telemetryArea } from './features/telemetry/area.ts'
import type { Issuers } from './ports/issuers.ts'
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
  readonly tokens: IdentitySettings['tokens']
  readonly identity: Omit<IdentitySettings, 'tokens'>
  readonly limiter: Limiter
  readonly issuers: Issuers
  /** Scheme, host and port that people reach this server by. */
  readonly publicOrigin: () => string
  /** Names this run of this process among all that share the engines. */
  readonly process: string
  readonly secret: string
  readonly secretPrevious: string | null
  readonly telemetry: TelemetrySettings
  /** The app whose functions are served; null: none. */
  readonly app: LoadedApp | null
  readonly functions: FunctionsSettings
  /** What functions log. */
  readonly say: Say
  readonly switchedOff: (area: string) => boolean
  readonly redact: Redactor
  readonly meter: Meter
  readonly tracer: Tracer
  readonly now: () => number
  /** Ms that only grow, to measure by. */
  readonly elapsed: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly randomBytes: (size: number) => Uint8Array
  readonly randomId: () => string
  /** Changes with the code that folds records. */
  readonly foldSource: string
  readonly later: (ms: number, run: () => void) => void
  /** As `later`, and answers what calls it off. */
  readonly after: (ms: number, run: () => void) => () => void
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Something a platform does by itself. */
export interface Job {
  readonly name: string
  readonly everyMs: number
  /** Run when the platform stands, too. */
  readonly atOnce?: true
  run(): Promise<unknown>
}

/** The features put together: what a transport needs to serve them. */
export interface Platform {
  readonly bound: readonly Bound[]
  readonly feeds: readonly ({ readonly topic: string; readonly permission: string } & (
    | { readonly source: FeedSource }
    | { readonly open: OpenFeed }
  ))[]
  readonly perform: Perform
  readonly journal: Journal
  readonly authenticator: IdentityArea['authenticator']
  /** What a start prints and readiness asks. */
  readonly identity: Pick<IdentityArea, 'claimCode' | 'claimed' | 'localTicket' | 'keysCode'>
  /** The projections that `/readyz` asks about and metrics measure. */
  readonly projections: readonly {
    readonly name: string
    readonly projection: ReturnType<typeof recordsArea>['projection']
  }[]
  /** Brings the folds of all known tenants up to the heads of their logs. */
  warm(): Promise<void>
  readonly jobs: readonly Job[]
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
  const randomToken = () => makeToken(needs.randomBytes)
  const proofs = createProofs({ keep: ports.keep, now, randomToken, environment: needs.environment.name })
  const identity = await identityArea({
    ...needs,
    tables: ports.tables,
    keep: ports.keep,
    proofs,
    settings: { ...needs.identity, tokens: needs.tokens },
  })

  const functions = functionsArea({
    ...needs,
    settings: needs.functions,
    tables: ports.tables,
    keep: ports.keep,
    telemetry: telemetry.notes,
    log: needs.say,
  })

  const areas: Record<keyof typeof contract, { handlers: object; showing?: object }> = {
    records,
    telemetry,
    functions,
    identity,
  }
  const bound = Object.entries(contract).flatMap(([name, verbs]) =>
    Object.entries<Operation>(verbs).map(([verb, operation]): Bound => {
      // Each area's handlers were checked against its contract where they are made; here they are only looked up.
      const { handlers, showing = {} } = areas[name as keyof typeof contract]
      const shown = (showing as Record<string, Shown<Operation> | undefined>)[verb]
      if (operation.proof !== undefined && shown === undefined)
        throw new Error(`${operation.name} needs a proof and cannot say what it would do`)
      return {
        operation,
        handler: (handlers as Record<string, Handler<Operation>>)[verb] as Handler<Operation>,
        ...(shown === undefined ? {} : { shown }),
      }
    }),
  )
  const fed: Record<keyof typeof feeds, { source: FeedSource } | { open: OpenFeed }> = {
    state: { source: records.feeds.state },
    records: { source: records.feeds.records },
    telemetry: { source: telemetry.feed },
    'functions.change/:table': { open: functions.feeds['functions.change/:table'] },
    'functions.live/:fn': { open: functions.feeds['functions.live/:fn'] },
  }
  const repeats = { keep: ports.keep, process: needs.process }

  async function eachTenant(log: Log, run: (tenant: string) => Promise<unknown>): Promise<void> {
    for (const tenant of await log.tenants()) await run(tenant)
  }

  return {
    bound,
    feeds: Object.values(feeds).map(({ topic, permission }) => ({ topic, permission, ...fed[topic] })),
    perform: createPerform({
      journal,
      switchedOff: needs.switchedOff,
      homeTenant,
      proofs,
      repeats,
      tracer: needs.tracer,
    }),
    journal,
    authenticator: identity.authenticator,
    identity,
    projections: [{ name: 'records', projection: records.projection }],
    async warm() {
      await Promise.all(
        [...new Set([homeTenant, ...(await ports.records.tenants())])].map((tenant) =>
          records.projection.live(tenant),
        ),
      )
    },
    jobs: [
      { name: 'alive', everyMs: 5_000, atOnce: true, run: () => sayAlive(repeats) },
      { name: 'journal', everyMs: 60_000, run: journal.sweep },
      { name: 'telemetry sources', everyMs: 60_000, atOnce: true, run: telemetry.minutely },
      { name: 'prune', everyMs: 3_600_000, run: prune },
      ...functions.jobs,
      ...identity.jobs,
    ],
    async stop() {
      await functions.stop()
      await records.stop()
      await telemetry.stop()
      await identity.stop()
      await journal.flush()
    },
  }

  async function prune(): Promise<void> {
    await eachTenant(ports.records, records.prune)
    await eachTenant(ports.telemetry, async (tenant) => {
      const gone = await telemetry.prune(tenant)
      if (gone === 0) return
      const actor = { tenant, principal: 'platform', class: 'service' } as const
      await journal.write({ actor, operation: 'telemetry.prune', phase: 'done', payload: { gone } })
    })
  }
}

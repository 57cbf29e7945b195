import { randomUUID } from 'node:crypto'
import { operations } from '@quarterdeck/sdk/contract'
import { liveSecrets } from './config/live-secrets.ts'
import { StartRefused } from './config/problem.ts'
import type { Config } from './config/resolve.ts'
import { createAddressLimits } from './core/limits/address-limits.ts'
import { createClassLimits } from './core/limits/class-limits.ts'
import { createLimiter } from './core/limits/limiter.ts'
import { errorWords } from './core/place-of.ts'
import { createRedactor } from './core/redact.ts'
import { createApp } from './http/app.ts'
import type { EdgeSettings } from './http/edge-settings.ts'
import { createHealth } from './http/health.ts'
import { createMetrics, serveMetrics } from './http/metrics.ts'
import { openApi } from './http/openapi.ts'
import { serveHttp } from './http/serve.ts'
import { createPages } from './http/static.ts'
import { createStreams } from './http/stream.ts'
import { createTracing } from './http/tracing.ts'
import { openApp } from './main/app/open-app.ts'
import { becomeReady } from './main/become-ready.ts'
import { readinessChecks } from './main/checks.ts'
import { openEngines } from './main/engines.ts'
import { configure } from './main/environment.ts'
import { greet } from './main/greeting.ts'
import { openIssuers } from './main/issuers.ts'
import { runJobs } from './main/jobs.ts'
import { createLatePlatform } from './main/late-platform.ts'
import { openLimitStore } from './main/limits.ts'
import { localSecret, localToken } from './main/local-files.ts'
import { causeOf, createLogger } from './main/logger.ts'
import { watchLoop } from './main/loop-delay.ts'
import { openMail } from './main/mail.ts'
import { migratePostgres } from './main/migrations.ts'
import { openPlatform, pause } from './main/open-platform.ts'
import { version } from './main/version.ts'
import type { Platform } from './platform.ts'

/** A server that runs. */
export interface Running {
  readonly url: string
  readonly config: Config
  /** What to print: where to click, and in local mode the token. */
  readonly greeting: readonly string[]
  /** What could not be said at once, when the server had to wait for its database; mostly nothing. */
  readonly later: Promise<readonly string[]>
  readonly platform: () => Platform | null
  readonly metricsPort: number | null
  /** Performs an operation through the door, as the first token of the settings. */
  call(operation: string, input: unknown): Promise<unknown>
  /** Notes in the log that a promise was rejected that nobody waited for. */
  stray(reason: unknown): void
  /** Drains, then closes everything; resolves within 45 s. */
  stop(): Promise<void>
}

const consoleFolder = new URL('../../console/dist/', import.meta.url).pathname

/** Starts a server from its environment. Rejects with `StartRefused` and every reason at once. */
export async function start(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Running> {
  const config = configure(env)
  const now = Date.now
  const randomId = () => randomUUID()
  const local = config.mode === 'local'
  const secret = config.secret ?? localSecret(config.dataDir)
  const ownToken = local && config.tokens.length === 0 ? localToken(config.dataDir) : null
  const tokens =
    ownToken === null ? config.tokens : [{ token: ownToken, tenant: config.tenant, label: 'local' }]
  const secrets = [...liveSecrets(config), secret, ...tokens.map(({ token }) => token)]
  const redact = createRedactor({ secrets: () => secrets, keys: config.redactKeys })
  const logger = createLogger(config, redact)
  for (const warning of config.warnings) logger.warn(warning)
  if (!local && config.smtp === null && !config.oauth.some(({ clientId }) => clientId !== undefined))
    logger.warn('neither CONSOLE_SMTP_URL nor an issuer to sign in with is set: nobody can sign in by mail')
  const report = (what: string) => logger.warn(what)

  const functionsApp = await openApp(config)
  const engines = await openEngines(config, { now, randomId, report })
  const late = createLatePlatform()
  const loop = watchLoop()
  const metrics = createMetrics({
    prefix: config.metrics.prefix,
    async collect(into) {
      into.set('loop_delay_seconds', {}, loop.delay())
      for (const { name, projection } of late.now()?.projections ?? [])
        into.set('fold_lag_positions', { fold: name }, await projection.lag())
    },
  })
  const tracing = await createTracing({
    settings: config,
    version,
    environment: config.environment.name,
    redact,
    report,
    now,
  })
  const limitStore = openLimitStore(config, { keep: engines.ports.keep, now, randomId })
  const { strategy, onStoreFailure, enabled, classes, tiers } = config.limits
  const limiter = createLimiter({
    keep: limitStore.keep,
    now,
    strategy,
    whenLost: onStoreFailure,
    meter: metrics,
    pause,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  })
  const mail = openMail(config, { now, randomId })
  const issuers = openIssuers(config, { now })
  let url = config.publicOrigin ?? ''

  const health = createHealth({
    checks: readinessChecks(engines, late.now, [
      ...(config.keepStorage === 'redis' ? [engines.ports.keep] : []),
      // Limits that go on in each process when their Redis is away are a degraded server, not one to keep away from.
      ...(limitStore.own && onStoreFailure === 'closed' ? [limitStore.keep] : []),
    ]),
    now,
    degraded: () => [
      ...(limiter.degraded() ? ['limits_local'] : []),
      ...(issuers.stale() ? ['issuer_stale'] : []),
    ],
  })
  let stopping = false
  let endJobs = () => {}
  let waitsForOthers = () => {}
  const waiting = new Promise<void>((resolve) => {
    waitsForOthers = resolve
  })

  async function stand(): Promise<void> {
    const made = await becomeReady({
      health,
      build: () =>
        openPlatform({
          config,
          app: functionsApp,
          engines,
          secret,
          tokens,
          limiter,
          mail,
          issuers,
          redact,
          meter: metrics,
          tracer: tracing,
          logger,
          now,
          randomId,
          process: randomId(),
          publicOrigin: () => url,
        }),
      migrate: local ? async () => void (await migratePostgres(config)) : null,
      stopping: () => stopping,
      logger,
      waits: () => waitsForOthers(),
      pause: (ms) => pause(ms, AbortSignal.timeout(ms * 2)),
    })
    if (made === null) return
    late.become(made)
    await health.look()
    endJobs = runJobs(made, logger)
  }

  /** Closes what was opened, so that the process can end and the folder is free again. */
  async function closeAll(): Promise<void> {
    stopping = true
    health.stop()
    loop.stop()
    endJobs()
    await late.now()?.stop()
    await tracing.shutdown()
    await mail.mail.close()
    await limitStore.close()
    await engines.close()
  }
  const giveUp = async (error: unknown): Promise<never> => {
    await closeAll()
    throw error
  }

  const ready = stand()
  // It listens once it is ready or knows that it must wait; a hosted one also while a long history is folded.
  const first = local ? [ready, waiting] : [ready, waiting, pause(5_000, AbortSignal.timeout(6_000))]
  await Promise.race(first).catch(giveUp)
  ready.catch((error: unknown) => {
    logger.fatal(error instanceof Error ? error.message : 'failed')
    process.exit(78)
  })

  const settings: EdgeSettings = { ...config.edge, loopback: local }
  const streams = createStreams({
    feeds: late.feeds,
    now,
    meter: metrics,
    refused: (refusal) => late.ready().journal.refused(refusal),
    pause,
  })
  const app = createApp({
    settings,
    bound: late.bound,
    perform: late.perform,
    authenticator: late.authenticator,
    classLimits: createClassLimits({ limiter, enabled, limits: classes, tiers, meter: metrics }),
    addressLimits: createAddressLimits({ limiter, meter: metrics }),
    meter: metrics,
    tracing,
    homeTenant: config.tenant,
    notReady: () => reasonToWait(late.now() !== null, health.failing),
    refused: (refusal) => late.now()?.journal.refused(refusal),
    streams,
    pages: createPages({ folder: consoleFolder, logins: issuers.logins, mode: config.mode }),
    health,
    about: {
      service: config.appName,
      mode: config.mode,
      version,
      ...(config.build.sha === null ? {} : { gitSha: config.build.sha }),
      ...(config.build.at === null ? {} : { builtAt: config.build.at }),
    },
    openapi: JSON.stringify(openApi(operations(), { title: config.appName, version })),
    redact,
    randomId,
    failed: (error, operation, requestId) =>
      logger.error({ code: error.code, operation, requestId, cause: causeOf(error) }, 'a request failed'),
    answered({ endpoint, method, status, ms, code }) {
      logger.debug({ endpoint, method, status, ms, code }, 'answered')
      metrics.add('request_total', { endpoint, method, status: String(status) })
      metrics.observe('request_latency_seconds', { endpoint, method }, ms / 1_000)
      if (code !== null) metrics.add('errors_total', { endpoint, error_type: code })
    },
    now,
  })
  const served = await serveHttp({
    app,
    streams,
    health,
    settings,
    randomId,
    host: config.host,
    port: config.port,
  }).catch((error: unknown) => giveUp(refusedListening(error, 'CONSOLE_PORT')))
  const metricsServer = config.metrics.enabled
    ? await serveMetrics({ metrics, ...config.metrics }).catch(async (error: unknown) => {
        served.server.close()
        return giveUp(refusedListening(error, 'CONSOLE_METRICS_PORT'))
      })
    : null
  url = config.publicOrigin ?? `http://127.0.0.1:${served.port}`
  const address = metricsServer?.address()
  logger.info({ url, mode: config.mode, environment: config.environment.name }, 'listening')
  const standing = late.now()
  const greeting = await greet({ config, url, platform: standing, ownToken })
  async function sayLater(): Promise<readonly string[]> {
    if (standing !== null) return []
    await ready
    const lines = await greet({ config, url, platform: late.now(), ownToken })
    return lines.filter((line) => !greeting.includes(line))
  }

  return {
    url,
    config,
    greeting,
    later: sayLater().catch(() => []),
    platform: late.now,
    metricsPort: typeof address === 'object' && address !== null ? address.port : null,
    async call(name, input) {
      const { bound, perform, authenticator } = late.ready()
      const found = bound.find(({ operation }) => operation.name === name)
      if (found === undefined || tokens[0] === undefined) throw new Error(`${name} cannot be called here`)
      const credential = { kind: 'bearer', value: tokens[0].token, origin: null } as const
      const { actor } = await authenticator.authenticate(credential)
      const signal = new AbortController().signal
      return perform(found, { actor, input, requestId: randomId(), signal, by: actor.credential })
    },
    stray(reason) {
      logger.error(errorWords(reason), 'a promise was rejected that nobody waited for')
    },
    async stop() {
      await served.close()
      metricsServer?.close()
      await closeAll()
    },
  }
}

/** Why requests are not served now; null when they are. */
function reasonToWait(stands: boolean, failing: (check: string) => string | null): string | null {
  if (failing('migrations') === 'behind') return 'The database is behind this build: run quarterdeck migrate'
  if (!stands) return 'The server is starting'
  // A database that is away is no other database: each operation says itself what it cannot do.
  return /_missing$/.test(failing('schema') ?? '') ? 'The database lacks what this build needs' : null
}

function refusedListening(error: unknown, setting: string): StartRefused {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new StartRefused([
    { code: 'address_in_use', setting, detail: `${setting}: cannot listen (${code})` },
  ])
}

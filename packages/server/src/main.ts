import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { operations } from '@quarterdeck/sdk/contract'
import { pino } from 'pino'
import { StartRefused } from './config/problem.ts'
import type { Config } from './config/resolve.ts'
import { createRedactor } from './core/redact.ts'
import { createApp, isSecure } from './http/app.ts'
import type { Site } from './http/guard.ts'
import { createHealth } from './http/health.ts'
import { createMetrics, serveMetrics } from './http/metrics.ts'
import { openApi } from './http/openapi.ts'
import { serveHttp } from './http/serve.ts'
import { createPages } from './http/static.ts'
import { createStreams } from './http/stream.ts'
import { readinessChecks } from './main/checks.ts'
import { openEngines } from './main/engines.ts'
import { configure } from './main/environment.ts'
import { foldSource } from './main/fold-source.ts'
import { localSecret, localToken } from './main/local-files.ts'
import { migratePostgres } from './main/migrations.ts'
import { telemetryFiles } from './main/telemetry-files.ts'
import { version } from './main/version.ts'
import { createPlatform, type Platform } from './platform.ts'

/** A server that runs. */
export interface Running {
  readonly url: string
  readonly config: Config
  /** What to print: where to click, and in local mode the token. */
  readonly greeting: readonly string[]
  readonly platform: () => Platform | null
  readonly metricsPort: number | null
  /** Performs an operation through the door, as the first token of the settings. */
  call(operation: string, input: unknown): Promise<unknown>
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

  const live = [
    secret,
    config.secretPrevious,
    ...[config.databaseUrl, config.directUrl, config.redisUrl].flatMap(withPassword),
    ...tokens.map((one) => one.token),
  ]
  const secrets = live.filter((value) => value !== null)
  const redact = createRedactor({ secrets: () => secrets, keys: config.redactKeys })
  const logger = pino({
    level: config.logLevel,
    base: { service: config.appName },
    formatters: { log: (line) => redact.value(line) },
    hooks: {
      logMethod: (words, method) =>
        method.apply(
          logger,
          words.map((word) => (typeof word === 'string' ? redact.text(word) : word)) as Parameters<
            typeof method
          >,
        ),
    },
  })
  for (const warning of config.warnings) logger.warn(warning)

  const engines = await openEngines(config, { now, randomId, report: (what) => logger.warn(what) })
  let platform: Platform | null = null
  const metrics = createMetrics({
    prefix: config.metrics.prefix,
    async collect(into) {
      for (const { name, projection } of platform?.projections ?? [])
        into.set('fold_lag_positions', { fold: name }, await projection.lag())
    },
  })
  const pause = (ms: number, signal: AbortSignal) =>
    sleep(ms, undefined, { signal }).then(
      () => undefined,
      () => undefined,
    )
  const build = () =>
    createPlatform({
      ports: engines.ports,
      environment: config.environment,
      homeTenant: config.tenant,
      tokens,
      secret,
      secretPrevious: config.secretPrevious,
      telemetry: {
        retentionDays: config.retentionDays,
        keepContent: config.keepContent,
        ...telemetryFiles(config),
      },
      switchedOff: (area) =>
        area === 'records' ? !config.flags.records : area === 'telemetry' && !config.flags.telemetry,
      redact,
      meter: metrics,
      now,
      randomBytes,
      randomId,
      foldSource: foldSource(),
      later: (ms, run) => void setTimeout(run, ms).unref(),
      pause,
    })

  const health = createHealth({ checks: readinessChecks(engines, () => platform), now })
  const site: Site = {
    publicOrigin: config.publicOrigin,
    allowedOrigins: config.allowedOrigins,
    loopback: local,
  }
  const jobs: NodeJS.Timeout[] = []
  let stopping = false

  let waitsForOthers = () => {}
  const waiting = new Promise<void>((resolve) => {
    waitsForOthers = resolve
  })

  /** Without its database a server starts all the same and says that it is not ready; the platform follows. */
  async function becomeReady(): Promise<void> {
    while (!stopping && platform === null) {
      await health.look()
      if (local && health.failing('migrations') === 'behind') {
        // Two may migrate at once, and a database may go while it is migrated: the next look tells.
        await migratePostgres(config).catch(() => logger.error('the database could not be migrated'))
        await health.look()
      }
      if (
        health.failing('database') === null &&
        health.failing('migrations') !== 'behind' &&
        health.failing('schema') === null
      ) {
        try {
          const made = await build()
          await made.warm().catch(async (error: unknown) => {
            await made.stop()
            throw error
          })
          if (stopping) return made.stop()
          platform = made
          await health.look()
          break
        } catch (error) {
          if (error instanceof Error && error.name === 'KeySetMismatch') {
            throw new StartRefused([
              {
                code: 'key_set_mismatch',
                setting: 'CONSOLE_SECRET',
                detail: 'the database was sealed under another secret',
              },
            ])
          }
          logger.error(
            { error: error instanceof Error ? error.name : 'unknown' },
            'the platform could not be put together; trying again',
          )
        }
      }
      waitsForOthers()
      await pause(1_000, AbortSignal.timeout(2_000))
    }
    const every = (ms: number, run: () => Promise<unknown>) => {
      const timer = setInterval(
        () => void run().catch(() => logger.warn('a job failed; it is tried again')),
        ms,
      )
      timer.unref()
      jobs.push(timer)
    }
    if (platform === null) return
    const made: Platform = platform
    every(3_600_000, made.prune)
    every(60_000, made.minutely)
    made.minutely().catch(() => undefined)
  }
  /** Closes what a refused start has opened, so that the process can end and the folder is free again. */
  async function giveUp(error: unknown): Promise<never> {
    stopping = true
    health.stop()
    for (const job of jobs) clearInterval(job)
    await platform?.stop()
    await engines.close()
    throw error
  }
  const ready = becomeReady()
  // It listens once it is ready or knows that it must wait; a hosted one also while a long history is folded.
  const first = local ? [ready, waiting] : [ready, waiting, pause(5_000, AbortSignal.timeout(6_000))]
  await Promise.race(first).catch(giveUp)
  ready.catch((error: unknown) => {
    logger.fatal(error instanceof Error ? error.message : 'failed')
    process.exit(78)
  })

  const notReady = () => {
    if (platform === null)
      return health.failing('migrations') === 'behind'
        ? 'The database is behind this build: run quarterdeck migrate'
        : 'The server is starting'
    if (health.failing('migrations') === 'behind')
      return 'The database is behind this build: run quarterdeck migrate'
    // A database that is away is no other database: each operation says itself what it cannot do.
    return /_missing$/.test(health.failing('schema') ?? '')
      ? 'The database lacks what this build needs'
      : null
  }
  const whenReady = (): Platform => {
    if (platform === null) throw new Error('asked before it was ready')
    return platform
  }
  const lateBound = operations().map((operation, index) => ({
    operation,
    handler: ((call) =>
      (whenReady().bound[index] as Platform['bound'][number]).handler(
        call,
      )) as Platform['bound'][number]['handler'],
  }))
  const app = createApp({
    bound: lateBound,
    perform: (operation, handler, asked) => whenReady().perform(operation, handler, asked),
    authenticate: (credential) => whenReady().authenticate(credential),
    site,
    redact,
    homeTenant: config.tenant,
    randomId,
    notReady,
    refused: (refusal) => whenReady().journal.refused(refusal),
    sessions: {
      close: (token) => whenReady().sessions.close(token),
      endsAt: async (token) => (await whenReady().sessions.find(token))?.endsAt ?? null,
    },
    failed: (error, operation, requestId) =>
      logger.error({ code: error.code, operation, requestId, cause: causeOf(error) }, 'a request failed'),
    answered(endpoint, method, status, ms) {
      metrics.add('request_total', { endpoint, method, status: String(status) })
      metrics.observe('request_latency_seconds', { endpoint, method }, ms / 1_000)
    },
    now,
  })
  const { feeds } = await import('@quarterdeck/sdk/contract')
  const streams = createStreams({
    feeds: Object.values(feeds).map(({ topic, permission }) => ({
      topic,
      permission,
      source: lateFeed(topic, whenReady),
    })),
    authenticate: (credential) => whenReady().authenticate(credential),
    site,
    homeTenant: config.tenant,
    randomId,
    now,
    meter: metrics,
    notReady,
    pause,
  })
  const about = {
    service: config.appName,
    mode: config.mode,
    version,
    ...(config.build.sha === null ? {} : { gitSha: config.build.sha }),
    ...(config.build.at === null ? {} : { builtAt: config.build.at }),
  }
  const served = await serveHttp({
    app,
    streams,
    pages: createPages({ folder: consoleFolder, secure: isSecure(site) }),
    health,
    about,
    openapi: JSON.stringify(openApi(operations(), { title: config.appName, version })),
    now,
    host: config.host,
    port: config.port,
  }).catch((error: unknown) => giveUp(refusedListening(error, 'CONSOLE_PORT')))
  const metricsServer = config.metrics.enabled
    ? await serveMetrics({
        metrics,
        host: '127.0.0.1',
        port: config.metrics.port,
        path: config.metrics.path,
      }).catch(async (error: unknown) => {
        await served.close()
        return giveUp(refusedListening(error, 'CONSOLE_METRICS_PORT'))
      })
    : null
  const url = config.publicOrigin ?? `http://127.0.0.1:${served.port}`
  const metricsAddress = metricsServer?.address()
  const metricsPort =
    typeof metricsAddress === 'object' && metricsAddress !== null ? metricsAddress.port : null
  logger.info({ url, mode: config.mode, environment: config.environment.name }, 'listening')

  return {
    url,
    config,
    greeting: await greet(),
    platform: () => platform,
    metricsPort,
    async call(name, input) {
      const { bound, perform, authenticate } = whenReady()
      const found = bound.find(({ operation }) => operation.name === name)
      if (found === undefined || tokens[0] === undefined) throw new Error(`${name} cannot be called here`)
      const actor = await authenticate({ kind: 'bearer', value: tokens[0].token })
      const signal = new AbortController().signal
      return perform(found.operation, found.handler, {
        actor,
        input,
        requestId: randomId(),
        signal,
        by: actor.credential,
      })
    },
    async stop() {
      stopping = true
      health.drain()
      health.stop()
      for (const job of jobs) clearInterval(job)
      await served.close()
      metricsServer?.close()
      await platform?.stop()
      await engines.close()
    },
  }

  async function greet(): Promise<string[]> {
    if (!local || platform === null || tokens[0] === undefined)
      return [`${config.appName} ${version} is at ${url}`]
    const ticket = await platform.sessions.issueTicket(
      await platform.authenticate({ kind: 'bearer', value: tokens[0].token }),
    )
    return [
      `${config.appName} ${version} runs in local mode (${config.environment.name}); data under ${config.dataDir}`,
      `  console  ${url}/console/sign-in#ticket=${ticket}   (opens once, within ten minutes)`,
      `  API      ${url}/openapi.json`,
      ...(ownToken === null ? [] : [`  token    ${ownToken}`]),
    ]
  }
}

/** A URL and the password within it, each a secret by itself. */
function withPassword(url: string | null): (string | null)[] {
  const password = url !== null && URL.canParse(url) ? new URL(url).password : ''
  return password === '' ? [url] : [url, password, decodeURIComponent(password)]
}

function lateFeed(topic: string, platform: () => Platform): Platform['feeds'][number]['source'] {
  const source = () => {
    const found = platform().feeds.find((feed) => feed.topic === topic)
    if (found === undefined) throw new Error(`nothing feeds ${topic}`)
    return found.source
  }
  return {
    head: (tenant) => source().head(tenant),
    snapshot: (tenant, at) => source().snapshot(tenant, at),
    since: (tenant, after, upTo) => source().since(tenant, after, upTo),
    follow: (tenant, after, signal) => source().follow(tenant, after, signal),
  }
}

function refusedListening(error: unknown, setting: string): StartRefused {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new StartRefused([
    { code: 'address_in_use', setting, detail: `${setting}: cannot listen (${code})` },
  ])
}

/** What stands behind a fault, for the log alone: its name, its message and where it was thrown. */
function causeOf(error: Error): string | undefined {
  const { cause } = error
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined
}

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/resolve.ts'
import type { Limiter } from '../core/limits/limiter.ts'
import type { Meter } from '../core/meter.ts'
import type { Redactor } from '../core/redact.ts'
import type { Tracer } from '../core/tracer.ts'
import type { LoadedApp } from '../features/functions/loaded-app.ts'
import { createPlatform, type Platform } from '../platform.ts'
import type { Issuers } from '../ports/issuers.ts'
import type { Engines } from './engines.ts'
import { foldSource } from './fold-source.ts'
import type { Logger } from './logger.ts'
import type { MailWay } from './mail.ts'
import { telemetryFiles } from './telemetry-files.ts'

/** Waits, or until it is no longer wanted; never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).then(
    () => undefined,
    () => undefined,
  )

/** The platform of a configuration over its engines. */
export async function openPlatform(needs: {
  readonly config: Config
  readonly app: LoadedApp | null
  readonly engines: Engines
  readonly secret: string
  readonly tokens: Config['tokens']
  readonly limiter: Limiter
  readonly mail: MailWay
  readonly issuers: Issuers
  readonly redact: Redactor
  readonly meter: Meter
  readonly tracer: Tracer
  readonly logger: Logger
  readonly now: () => number
  readonly randomId: () => string
  /** Names this run of this process among all that share the engines. */
  readonly process: string
  readonly publicOrigin: () => string
}): Promise<Platform> {
  const { config, engines, logger } = needs
  // A hosted database is looked after by `quarterdeck migrate`.
  if (config.mode === 'local') await engines.ports.tables.adopt()
  return createPlatform({
    ...needs,
    ports: engines.ports,
    environment: config.environment,
    homeTenant: config.tenant,
    secretPrevious: config.secretPrevious,
    telemetry: {
      retentionDays: config.retentionDays,
      keepContent: config.keepContent,
      ...telemetryFiles(config),
    },
    functions: {
      ...config.functions,
      hosted: config.mode === 'hosted',
      tenants: config.tenantAllowlist,
    },
    say: {
      info: (message, fields) => logger.info(fields ?? {}, message),
      warn: (message, fields) => logger.warn(fields ?? {}, message),
      error: (message, fields) => logger.error(fields ?? {}, message),
    },
    identity: {
      appName: config.appName,
      local: config.mode === 'local',
      claimCode: config.claimCode,
      apiKeys: config.apiKeys,
      signingKeys: config.signingKeys,
      issuerRules: config.oauth,
      tenantAllowlist: config.tenantAllowlist,
      mail: needs.mail.mail,
      outbox: needs.mail.outbox?.list ?? null,
      mailFailed: (error) =>
        logger.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'a mail was given up'),
    },
    switchedOff: (area) => area in config.flags && !config.flags[area as keyof typeof config.flags],
    randomBytes,
    foldSource: foldSource(),
    elapsed: () => performance.now(),
    random: Math.random,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    later: (ms, run) => void setTimeout(run, ms).unref(),
    pause,
  })
}

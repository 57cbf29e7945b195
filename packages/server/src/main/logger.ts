import { type Logger, pino } from 'pino'
import { z } from 'zod'
import type { Config } from '../config/resolve.ts'
import type { Redactor } from '../core/redact.ts'

export type { Logger }

/** The log of this process: JSON lines on standard output, each passed through the redactor. */
export function createLogger(config: Pick<Config, 'logLevel' | 'appName'>, redact: Redactor): Logger {
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
  return logger
}

/** What stands behind a fault, for the log alone: an error's name, message and place, or what a schema did not allow. */
export function causeOf(error: Error): string | undefined {
  const { cause } = error
  if (cause instanceof Error) return cause.stack ?? cause.message
  const issues = Issues.safeParse(cause)
  if (!issues.success) return undefined
  return issues.data.map(({ path, message }) => `${path.join('.') || 'result'}: ${message}`).join('\n')
}

const Issues = z
  .array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() }))
  .min(1)

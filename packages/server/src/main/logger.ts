import { type Logger, pino } from 'pino'
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

/** What stands behind a fault, for the log alone: its name, its message and where it was thrown. */
export function causeOf(error: Error): string | undefined {
  const { cause } = error
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined
}

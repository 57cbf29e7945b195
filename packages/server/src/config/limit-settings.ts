import type { Setting } from './setting.ts'

/** How often one may call. */
export const limitSettings = {
  CONSOLE_RATE_LIMIT_ENABLED: {
    type: 'boolean',
    default: 'true',
    aliases: ['CONSOUL_ENABLED'],
    doc: 'false: no limits by class; those of addresses and of signing in remain',
  },
  CONSOLE_DEFAULT_LIMITS: {
    type: 'text',
    aliases: ['CONSOUL_DEFAULT_LIMITS'],
    doc: 'Limits of the classes default and chat, such as 30/minute;500 per hour; unset: 600/minute;20000/hour, and 10 per minute of chat',
  },
  CONSOLE_LIMITS_JSON: {
    type: 'json',
    default: '{}',
    doc: 'Limits by class, such as {"ingest":"6000/minute"}; classes are chat, ingest, default',
  },
  CONSOLE_RATE_LIMIT_TIERS: {
    type: 'json',
    default: '{}',
    doc: 'Limits by the tier of a credential and class, such as {"gold":{"chat":"60/minute"}}',
  },
  CONSOLE_RATE_LIMIT_STRATEGY: {
    type: 'text',
    default: 'moving-window',
    oneOf: ['moving-window', 'fixed-window'],
    aliases: ['CONSOUL_STRATEGY'],
    doc: 'moving-window never admits more than the limit in any window; fixed-window starts with its first request',
  },
  CONSOLE_RATE_LIMIT_REDIS_URL: {
    type: 'text',
    secret: true,
    follows: 'CONSOLE_REDIS_URL',
    aliases: ['CONSOUL_RATE_LIMIT_REDIS_URL'],
    doc: 'redis:// URL where limits are counted; without one: where small shared values are kept, in local mode in memory',
  },
  CONSOLE_RATE_LIMIT_ON_STORE_FAILURE: {
    type: 'text',
    default: 'local',
    oneOf: ['local', 'closed'],
    doc: 'When that store is lost: local counts in each process alone, closed answers 503',
  },
} as const satisfies Record<string, Setting>

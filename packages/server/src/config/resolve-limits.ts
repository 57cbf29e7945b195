import { z } from 'zod'
import type { SettingName } from '../config.ts'
import type { Asking } from './asking.ts'
import { parseJson } from './parse-json.ts'
import { type LimitText, parseLimits } from './parse-limits.ts'

const classes = ['chat', 'ingest', 'default'] as const
export type LimitClass = (typeof classes)[number]
export type Limits = readonly LimitText[]

/** How often one may call. */
export interface LimitsConfig {
  readonly enabled: boolean
  readonly strategy: 'moving-window' | 'fixed-window'
  readonly onStoreFailure: 'local' | 'closed'
  /** Where they are counted; null: where small shared values are kept. */
  readonly redisUrl: string | null
  readonly classes: Readonly<Record<LimitClass, Limits>>
  readonly tiers: Readonly<Record<string, Readonly<Partial<Record<LimitClass, Limits>>>>>
}

const unlessSaid: Readonly<Record<LimitClass, string>> = {
  chat: '10 per minute',
  ingest: '6000/minute',
  default: '600/minute;20000/hour',
}

const ByClass = z.strictObject({
  chat: z.string().optional(),
  ingest: z.string().optional(),
  default: z.string().optional(),
})
const Tiers = z.record(z.string().regex(/^[\w.-]{1,64}$/), ByClass)

/** The limits of a configuration. */
export function resolveLimits(ask: Asking): LimitsConfig {
  const all = ask.text('CONSOLE_DEFAULT_LIMITS')
  const replaced = all === null ? [] : limitsOf(ask, 'CONSOLE_DEFAULT_LIMITS', all)
  const byDefault = Object.fromEntries(
    classes.map((name) => [
      name,
      all !== null && name !== 'ingest' ? replaced : parseLimits(unlessSaid[name]),
    ]),
  ) as Record<LimitClass, Limits>
  const said = jsonOf(ask, 'CONSOLE_LIMITS_JSON', ByClass) ?? {}
  const tiers = jsonOf(ask, 'CONSOLE_RATE_LIMIT_TIERS', Tiers) ?? {}
  const redisUrl = ask.text('CONSOLE_RATE_LIMIT_REDIS_URL')
  if (redisUrl !== null && !/^rediss?:\/\//.test(redisUrl))
    ask.refuse(
      'setting_invalid',
      'CONSOLE_RATE_LIMIT_REDIS_URL',
      'CONSOLE_RATE_LIMIT_REDIS_URL needs to be a redis:// URL',
    )
  return {
    enabled: ask.flag('CONSOLE_RATE_LIMIT_ENABLED'),
    strategy: ask.text('CONSOLE_RATE_LIMIT_STRATEGY') === 'fixed-window' ? 'fixed-window' : 'moving-window',
    onStoreFailure: ask.text('CONSOLE_RATE_LIMIT_ON_STORE_FAILURE') === 'closed' ? 'closed' : 'local',
    redisUrl,
    classes: { ...byDefault, ...byClassOf(ask, 'CONSOLE_LIMITS_JSON', said) },
    tiers: Object.fromEntries(
      Object.entries(tiers).map(([tier, limits]) => [
        tier,
        byClassOf(ask, 'CONSOLE_RATE_LIMIT_TIERS', limits),
      ]),
    ),
  }
}

function limitsOf(ask: Asking, name: SettingName, text: string): Limits {
  try {
    return parseLimits(text)
  } catch (error) {
    ask.refuse('limits_invalid', name, `${name}: ${error instanceof Error ? error.message : 'is no limit'}`)
    return []
  }
}

function byClassOf(
  ask: Asking,
  name: SettingName,
  texts: z.output<typeof ByClass>,
): Partial<Record<LimitClass, Limits>> {
  return Object.fromEntries(
    classes.flatMap((one) => {
      const text = texts[one]
      return text === undefined ? [] : [[one, limitsOf(ask, name, text)]]
    }),
  )
}

function jsonOf<Schema extends z.ZodType>(
  ask: Asking,
  name: SettingName,
  schema: Schema,
): z.output<Schema> | null {
  const parsed = parseJson(ask.text(name) ?? '{}', schema)
  if ('value' in parsed) return parsed.value
  ask.refuse('limits_invalid', name, `${name} ${parsed.wrong}`)
  return null
}

import { z } from 'zod'
import type { Asking } from './asking.ts'
import { parseJson } from './parse-json.ts'

/** A token of the settings, before it becomes an actor. */
export interface SettingToken {
  readonly token: string
  readonly tenant: string
  readonly label: string
  readonly scopes?: readonly string[]
  readonly producers?: readonly { readonly id: string; readonly product: string }[]
  /** Whose limits count for it. */
  readonly tier?: string
  /** Unix ms. */
  readonly expiresAt?: number
}

const Tokens = z.array(
  z.strictObject({
    token: z.string().min(1),
    tenantId: z.string().min(1),
    label: z.string().min(1).max(200),
    scopes: z.array(z.string().regex(/^[a-z]+:[A-Za-z-]+$/)).optional(),
    producers: z.array(z.strictObject({ id: z.string().min(1), product: z.string().min(1) })).optional(),
    tier: z.string().min(1).max(64).optional(),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  }),
)

/** Below this a token can be guessed, and a hosted server does not take it. */
const leastLength = 32

/** The tokens of both settings. Broken JSON, a wrong shape, a token twice or (hosted) under 32 characters are problems. */
export function resolveTokens(ask: Asking, tenant: string): SettingToken[] {
  const name = 'CONSOLE_AUTH_TOKENS_JSON'
  const refuse = (detail: string) => ask.refuse('tokens_json_invalid', name, detail)
  const tokens: SettingToken[] = []
  const single = ask.text('CONSOLE_AUTH_TOKEN')
  if (single !== null) tokens.push({ token: single, tenant, label: 'bootstrap' })
  const many = ask.text(name)
  const parsed = many === null ? { value: [] } : parseJson(many, Tokens)
  if ('wrong' in parsed) refuse(`${name} ${parsed.wrong}`)
  else
    for (const { token, tenantId, label, scopes, producers, tier, expiresAt } of parsed.value) {
      tokens.push({
        token,
        tenant: tenantId,
        label,
        ...(scopes === undefined ? {} : { scopes }),
        ...(producers === undefined ? {} : { producers }),
        ...(tier === undefined ? {} : { tier }),
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
      })
    }
  if (new Set(tokens.map((one) => one.token)).size < tokens.length) refuse('a token is given twice')
  if (ask.mode === 'hosted') {
    for (const one of tokens)
      if (one.token.length < leastLength)
        refuse(`the token ${one.label} has fewer than ${leastLength} characters`)
  }
  return tokens
}

/** The API keys. One twice, one that is a token too, or (hosted) under 32 characters are problems. */
export function resolveApiKeys(ask: Asking, tokens: readonly SettingToken[]): readonly string[] {
  const name = 'CONSOLE_API_KEYS'
  const keys = ask.list(name)
  const refuse = (detail: string) => ask.refuse('api_keys_invalid', name, `${name} ${detail}`)
  if (new Set(keys).size < keys.length) refuse('holds a key twice')
  if (tokens.some((one) => keys.includes(one.token))) refuse('holds a key that is a token as well')
  if (keys.some((key) => /[^\x21-\x7e]/.test(key))) refuse('holds a key that no header can carry')
  const short = keys.findIndex((key) => key.length < leastLength)
  if (ask.mode === 'hosted' && short >= 0)
    refuse(`holds a key (number ${short + 1}) of fewer than ${leastLength} characters`)
  return keys
}

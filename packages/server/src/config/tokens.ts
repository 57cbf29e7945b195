import { z } from 'zod'
import type { StartProblem } from './problem.ts'

/** A token of the settings, before it becomes an actor. */
export interface SettingToken {
  readonly token: string
  readonly tenant: string
  readonly label: string
  readonly scopes?: readonly string[]
  readonly producers?: readonly { readonly id: string; readonly product: string }[]
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
    tier: z.string().optional(),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  }),
)

/** The tokens of both settings. Broken JSON, a wrong shape, a token twice or (hosted) under 32 characters are problems. */
export function parseTokens(
  single: string | undefined,
  many: string | undefined,
  tenant: string,
  mode: 'local' | 'hosted',
  problems: StartProblem[],
): SettingToken[] {
  const refuse = (setting: string, detail: string) =>
    problems.push({ code: 'tokens_json_invalid', setting, detail })
  const tokens: SettingToken[] = []
  if (single !== undefined && single !== '') tokens.push({ token: single, tenant, label: 'bootstrap' })
  if (many !== undefined && many !== '') {
    let json: unknown
    try {
      json = JSON.parse(many)
    } catch {
      refuse('CONSOLE_AUTH_TOKENS_JSON', 'CONSOLE_AUTH_TOKENS_JSON is not JSON')
    }
    const result = Tokens.safeParse(json)
    if (json !== undefined && !result.success) {
      const issue = result.error.issues[0]
      refuse(
        'CONSOLE_AUTH_TOKENS_JSON',
        `CONSOLE_AUTH_TOKENS_JSON has a wrong shape at ${issue?.path.join('.') || 'its top'}`,
      )
    }
    for (const { token, tenantId, label, scopes, producers, expiresAt } of result.data ?? []) {
      tokens.push({
        token,
        tenant: tenantId,
        label,
        ...(scopes === undefined ? {} : { scopes }),
        ...(producers === undefined ? {} : { producers }),
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
      })
    }
  }
  if (new Set(tokens.map((one) => one.token)).size < tokens.length)
    refuse('CONSOLE_AUTH_TOKENS_JSON', 'a token is given twice')
  if (mode === 'hosted') {
    for (const one of tokens)
      if (one.token.length < 32)
        refuse('CONSOLE_AUTH_TOKENS_JSON', `the token ${one.label} has fewer than 32 characters`)
  }
  return tokens
}

import type { SettingName } from '../config.ts'
import type { Asking } from './asking.ts'

/** What signs tokens when the seeds come from the settings; each is 32 bytes as standard base64. */
export interface SigningSeeds {
  readonly current: string
  readonly next: string | null
  readonly previous: string | null
}

/** Secrets that keys are derived from, and the code of the first owner. */
export interface KeysConfig {
  /** 32 bytes as hex; null in local mode until it is made. */
  readonly secret: string | null
  readonly secretPrevious: string | null
  /** Null: keys are made and rotated in the database. */
  readonly signingKeys: SigningSeeds | null
  readonly claimCode: string | null
}

/** The keys of a configuration. */
export function resolveKeys(ask: Asking): KeysConfig {
  if (ask.mode === 'hosted' && ask.text('CONSOLE_SECRET') === null)
    ask.refuse('secret_missing', 'CONSOLE_SECRET', 'hosted mode needs CONSOLE_SECRET')
  return {
    secret: secretOf(ask, 'CONSOLE_SECRET'),
    secretPrevious: secretOf(ask, 'CONSOLE_SECRET_PREVIOUS'),
    signingKeys: seedsOf(ask),
    claimCode: claimCodeOf(ask),
  }
}

function secretOf(ask: Asking, name: 'CONSOLE_SECRET' | 'CONSOLE_SECRET_PREVIOUS'): string | null {
  const value = ask.text(name)
  if (value === null) return null
  if (!/^[0-9a-f]{64}$/i.test(value))
    ask.refuse('setting_invalid', name, `${name} needs 32 bytes as 64 hex digits`)
  else if (new Set(value.match(/../g)).size < 16)
    ask.refuse('setting_invalid', name, `${name} is not random: it has fewer than 16 different bytes`)
  return value
}

function seedsOf(ask: Asking): SigningSeeds | null {
  const refuse = (name: SettingName, detail: string) =>
    ask.refuse('signing_key_invalid', name, `${name} ${detail}`)
  const seed = (name: SettingName) => {
    const text = ask.text(name)
    // 32 bytes are 43 characters and one of padding; the last character holds two bits that must be zero.
    if (text !== null && !/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text))
      refuse(name, 'needs 32 bytes as standard base64')
    return text
  }
  const current = seed('CONSOLE_SIGNING_KEY_B64')
  const next = seed('CONSOLE_SIGNING_KEY_NEXT_B64')
  const previous = seed('CONSOLE_SIGNING_KEY_PREVIOUS_B64')
  const given = [current, next, previous].filter((one) => one !== null)
  if (new Set(given).size < given.length)
    refuse('CONSOLE_SIGNING_KEY_B64', 'and its neighbours hold a seed twice')
  if (current !== null) return { current, next, previous }
  if (next !== null) refuse('CONSOLE_SIGNING_KEY_NEXT_B64', 'needs CONSOLE_SIGNING_KEY_B64 beside it')
  if (previous !== null) refuse('CONSOLE_SIGNING_KEY_PREVIOUS_B64', 'needs CONSOLE_SIGNING_KEY_B64 beside it')
  return null
}

function claimCodeOf(ask: Asking): string | null {
  const name = 'CONSOLE_CLAIM_CODE'
  const code = ask.text(name)
  if (code !== null && code.length < 8)
    ask.refuse('setting_invalid', name, `${name} needs 8 characters or more`)
  return code
}

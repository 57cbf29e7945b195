import { type Setting, settingNames, settings } from '../config.ts'
import type { Config } from './resolve.ts'

/** Shorter ones would take ordinary words out of every line. */
const shortest = 8

/**
 * Every secret value of a configuration, for the redactor: whole texts and what stands within them (tokens, keys,
 * passwords of URLs), as they are and percent-encoded. The longest come first, so that no rest of one remains.
 */
export function liveSecrets(config: Config): string[] {
  const whole = settingNames.flatMap((name) => {
    const setting: Setting = settings[name]
    const { value } = config.texts[name]
    return setting.secret && value !== undefined ? [value] : []
  })
  const within = [
    ...config.tokens.map((one) => one.token),
    ...config.apiKeys,
    ...config.oauth.flatMap((issuer) => issuer.clientSecret ?? []),
    ...Object.values(config.otel.headers),
  ]
  const all = [...whole, ...whole.flatMap(passwordOf), ...within]
  const forms = all.flatMap((secret) => [secret, encodeURIComponent(secret)])
  return [...new Set(forms)].filter((one) => one.length >= shortest).sort((a, b) => b.length - a.length)
}

/** The password of a URL, as it stands there and as it is meant. */
function passwordOf(text: string): string[] {
  if (!URL.canParse(text)) return []
  const { password } = new URL(text)
  try {
    return password === '' ? [] : [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

import { type Setting, type SettingName, settingNames, settings } from '../config.ts'
import { nearest } from './nearest.ts'
import type { StartProblem } from './problem.ts'

/** A setting's effective text and where it came from. */
export interface Effective {
  readonly value: string | undefined
  readonly source: 'environment' | 'file' | 'overlay' | 'default' | 'unset'
  /** The name it was given under, when that was an alias. */
  readonly alias?: string
}

export type SettingTexts = Readonly<Record<SettingName, Effective>>

/** Reads every setting: the environment first (also by alias, or from the file that NAME_FILE names), then the overlay. */
export function readSettings(needs: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly overlay: Partial<Record<SettingName, string>>
  readonly readFile: (path: string) => string
}): { texts: SettingTexts; problems: StartProblem[]; warnings: string[] } {
  const { env, overlay, readFile } = needs
  const problems: StartProblem[] = []
  const mode = (env.CONSOLE_RUNTIME_MODE ?? overlay.CONSOLE_RUNTIME_MODE) === 'hosted' ? 'hosted' : 'local'

  function given(name: string): { value: string; source: 'environment' | 'file' } | null {
    const direct = env[name]
    const file = env[`${name}_FILE`]
    if (direct !== undefined && file !== undefined) {
      problems.push({ code: 'setting_twice', setting: name, detail: `${name} and ${name}_FILE are both set` })
    }
    if (direct !== undefined) return { value: direct, source: 'environment' }
    if (file === undefined) return null
    try {
      return { value: readFile(file).replace(/\r?\n$/, ''), source: 'file' }
    } catch {
      problems.push({ code: 'setting_file_unreadable', setting: name, detail: `${name}_FILE cannot be read` })
      return null
    }
  }

  function effective(name: SettingName, setting: Setting): Effective {
    const own = given(name)
    let alias: { name: string; value: string; source: 'environment' | 'file' } | null = null
    for (const other of setting.aliases ?? []) {
      const found = given(other)
      if (found === null) continue
      const value = own?.value ?? alias?.value
      if (value !== undefined && value !== found.value) {
        problems.push({
          code: 'setting_alias_differs',
          setting: name,
          detail: `${other} differs from ${own === null ? (alias?.name ?? name) : name}`,
        })
      }
      alias ??= { name: other, ...found }
    }
    if (own !== null) return own
    if (alias !== null) return { value: alias.value, source: alias.source, alias: alias.name }
    if (overlay[name] !== undefined) return { value: overlay[name], source: 'overlay' }
    const fallback = typeof setting.default === 'function' ? setting.default(mode) : setting.default
    return fallback === undefined
      ? { value: undefined, source: 'unset' }
      : { value: fallback, source: 'default' }
  }

  const texts = Object.fromEntries(
    settingNames.map((name) => [name, effective(name, settings[name])]),
  ) as SettingTexts
  for (const name of settingNames) checkText(name, settings[name], texts[name].value, problems)
  const warnings: string[] = []
  for (const name of unknownNames(env)) {
    const near = nearest(name, everyName())
    const detail = `${name} is not a setting${near === null ? '' : `; did you mean ${near}?`}`
    if (mode === 'hosted') problems.push({ code: 'setting_unknown', setting: name, detail })
    else warnings.push(detail)
  }
  return { texts, problems, warnings }
}

/** Every name a setting can be given under. */
function everyName(): string[] {
  return settingNames.flatMap((name) => {
    const setting: Setting = settings[name]
    return [name, ...(setting.aliases ?? [])]
  })
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(everyName())
  return Object.keys(env).filter((name) => {
    if (!/^(CONSOLE|CONSOUL)_/.test(name) || env[name] === undefined) return false
    return !known.has(name) && !known.has(name.replace(/_FILE$/, ''))
  })
}

function checkText(
  name: SettingName,
  setting: Setting,
  value: string | undefined,
  problems: StartProblem[],
): void {
  if (value === undefined) return
  const wrong = (detail: string) =>
    problems.push({ code: 'setting_invalid', setting: name, detail: `${name} ${detail}` })
  if (setting.oneOf !== undefined && !setting.oneOf.includes(value))
    wrong(`needs to be one of ${setting.oneOf.join(', ')}`)
  if (setting.type === 'number' && !/^\d{1,9}$/.test(value)) {
    if (name === 'CONSOLE_TELEMETRY_RETENTION_DAYS')
      problems.push({ code: 'retention_invalid', setting: name, detail: `${name} needs 1 to 3650` })
    else wrong('needs a whole number')
  }
  if (setting.type === 'boolean' && !/^(true|false|1|0|on|off)$/i.test(value)) wrong('needs true or false')
}

/** The value of a list setting. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** The value of a boolean setting. */
export function booleanOf(text: string | undefined): boolean {
  return /^(true|1|on)$/i.test(text ?? '')
}

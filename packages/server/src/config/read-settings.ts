import { namesOf, type Setting, type SettingName, settingNames, settings } from '../config.ts'
import { checkText } from './check-text.ts'
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

type Given = { readonly name: string; readonly value: string; readonly source: 'environment' | 'file' }

/** Reads every setting: the environment first (also by alias, or from the file that NAME_FILE names), then the overlay. */
export function readSettings(needs: {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly overlay: Partial<Record<SettingName, string>>
  readonly readFile: (path: string) => string
}): { texts: SettingTexts; problems: StartProblem[]; warnings: string[] } {
  const { env, overlay, readFile } = needs
  const problems: StartProblem[] = []
  const stated = env.CONSOLE_RUNTIME_MODE ?? overlay.CONSOLE_RUNTIME_MODE
  const mode = stated?.toLowerCase() === 'hosted' ? 'hosted' : 'local'

  /** What stands under a name. Nothing between the quotes is nothing at all, but an empty list is a list. */
  function given(name: string, setting: Setting): Given | null {
    const there = (text: string | undefined) => (text === '' && setting.type !== 'list' ? undefined : text)
    const direct = there(env[name])
    const file = there(env[`${name}_FILE`])
    if (direct !== undefined && file !== undefined) {
      problems.push({ code: 'setting_twice', setting: name, detail: `${name} and ${name}_FILE are both set` })
    }
    if (direct !== undefined) return { name, value: direct, source: 'environment' }
    if (file === undefined) return null
    try {
      return { name, value: readFile(file).replace(/\r?\n$/, ''), source: 'file' }
    } catch {
      problems.push({ code: 'setting_file_unreadable', setting: name, detail: `${name}_FILE cannot be read` })
      return null
    }
  }

  function effective(name: SettingName, setting: Setting): Effective {
    const found = namesOf(name).flatMap((one) => given(one, setting) ?? [])
    const [first, ...others] = found
    for (const other of others)
      if (first !== undefined && wordOf(setting, other.value) !== wordOf(setting, first.value)) {
        problems.push({
          code: 'setting_alias_differs',
          setting: name,
          detail: `${other.name} differs from ${first.name}`,
        })
      }
    if (first !== undefined) {
      const { name: under, source } = first
      const value = wordOf(setting, first.value)
      return under === name ? { value, source } : { value, source, alias: under }
    }
    if (overlay[name] !== undefined) return { value: wordOf(setting, overlay[name]), source: 'overlay' }
    const fallback = typeof setting.default === 'function' ? setting.default(mode) : setting.default
    return fallback === undefined
      ? { value: undefined, source: 'unset' }
      : { value: fallback, source: 'default' }
  }

  const texts = Object.fromEntries(
    settingNames.map((name) => [name, effective(name, settings[name])]),
  ) as Record<SettingName, Effective>
  for (const name of settingNames) {
    const setting: Setting = settings[name]
    const { follows } = setting
    if (follows === undefined || texts[name].source !== 'unset') continue
    const followed = texts[follows as SettingName].value
    if (followed !== undefined) texts[name] = { value: followed, source: 'default' }
  }
  for (const name of settingNames) {
    const setting: Setting = settings[name]
    const { value } = texts[name]
    const wrong = value === undefined ? null : checkText(setting, value)
    if (wrong !== null)
      problems.push({ code: setting.code ?? 'setting_invalid', setting: name, detail: `${name} ${wrong}` })
  }
  const warnings: string[] = []
  for (const name of unknownNames(env)) {
    const near = nearest(name, everyName())
    const detail = `${name} is not a setting${near === null ? '' : `; did you mean ${near}?`}`
    if (mode === 'hosted') problems.push({ code: 'setting_unknown', setting: name, detail })
    else warnings.push(detail)
  }
  return { texts, problems, warnings }
}

/** Words of a closed choice are known in any case and by their synonyms. */
function wordOf(setting: Setting, text: string): string {
  if (setting.oneOf === undefined) return text
  const word = text.trim().toLowerCase()
  return setting.synonyms?.[word] ?? word
}

/** Every name a setting can be given under. */
function everyName(): string[] {
  return settingNames.flatMap(namesOf)
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(everyName())
  return Object.keys(env).filter((name) => {
    if (!/^(CONSOLE|CONSOUL)_/.test(name) || env[name] === undefined) return false
    return !known.has(name) && !known.has(name.replace(/_FILE$/, ''))
  })
}

/** The value of a boolean setting. */
export function booleanOf(text: string | undefined): boolean {
  return /^(true|1|on|yes)$/i.test(text ?? '')
}

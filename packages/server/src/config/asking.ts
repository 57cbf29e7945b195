import { type Setting, type SettingName, settings } from '../config.ts'
import { parseDuration } from './parse-duration.ts'
import { parseList } from './parse-list.ts'
import { parseSize } from './parse-size.ts'
import type { StartProblem } from './problem.ts'
import { booleanOf, type SettingTexts } from './read-settings.ts'
import type { Mode } from './setting.ts'

/** Asks for settings by name and type. A text that its type refused answers empty, zero or false. */
export interface Asking {
  readonly mode: Mode
  text(name: SettingName): string | null
  list(name: SettingName): readonly string[]
  /** A count, bytes or ms, by the setting's type. */
  number(name: SettingName): number
  flag(name: SettingName): boolean
  /** Keeps the server from starting. `detail` is a whole sentence that holds no value which could be a secret. */
  refuse(code: string, setting: SettingName, detail: string): void
}

/** Asks over texts that were read; refusals are added to `problems`. */
export function askSettings(texts: SettingTexts, problems: StartProblem[]): Asking {
  const text = (name: SettingName) => texts[name].value ?? null
  return {
    mode: text('CONSOLE_RUNTIME_MODE') === 'hosted' ? 'hosted' : 'local',
    text,
    list: (name) => parseList(text(name) ?? '') ?? [],
    number(name) {
      const setting: Setting = settings[name]
      const given = text(name) ?? ''
      if (setting.type === 'size') return parseSize(given) ?? 0
      if (setting.type === 'duration') return parseDuration(given) ?? 0
      return /^\d{1,9}$/.test(given) ? Number(given) : 0
    },
    flag: (name) => booleanOf(text(name) ?? undefined),
    refuse: (code, setting, detail) => void problems.push({ code, setting, detail }),
  }
}

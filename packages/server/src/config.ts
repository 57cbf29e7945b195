import { baseSettings } from './config/base-settings.ts'
import { edgeSettings } from './config/edge-settings.ts'
import { functionsSettings } from './config/functions-settings.ts'
import { identitySettings } from './config/identity-settings.ts'
import { limitSettings } from './config/limit-settings.ts'
import type { Setting } from './config/setting.ts'
import { watchingSettings } from './config/watching-settings.ts'

export type { Setting, SettingType } from './config/setting.ts'

/** Every setting there is. Types, defaults, docs, `quarterdeck config` and `.env.example` come from this table. */
export const settings = {
  ...baseSettings,
  ...edgeSettings,
  ...limitSettings,
  ...identitySettings,
  ...functionsSettings,
  ...watchingSettings,
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** The names in the order of the table. */
export const settingNames = Object.keys(settings) as SettingName[]

/** Every name that a setting can be given under: its own, then those of other systems. */
export function namesOf(name: SettingName): readonly string[] {
  const setting: Setting = settings[name]
  return [name, ...(setting.aliases ?? [])]
}

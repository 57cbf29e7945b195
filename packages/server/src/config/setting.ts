/** How a setting's text becomes its value. */
export type SettingType =
  | 'text'
  | 'number'
  | 'boolean'
  /** Parted by commas or lines, or a JSON array of texts. */
  | 'list'
  /** http or https. */
  | 'url'
  /** Bytes: `1048576`, `1 MiB`, `1.5 MB`. */
  | 'size'
  /** `30 s`, `500ms`, `5m`, `24h`; a plain number is seconds. */
  | 'duration'
  | 'json'

export type Mode = 'local' | 'hosted'

/** One setting: where its value comes from, what it is without one, and what it does. */
export interface Setting {
  readonly type: SettingType
  /** Its value when nobody gives one; a function of the runtime mode; absent: there is none. */
  readonly default?: string | ((mode: Mode) => string | undefined)
  /** The setting whose value it takes when nobody gives it one. */
  readonly follows?: string
  readonly secret?: true
  /** Other names it is known by, from the systems this one replaces. */
  readonly aliases?: readonly string[]
  /** The words it takes, in any case. */
  readonly oneOf?: readonly string[]
  /** Other words for some of them. */
  readonly synonyms?: Readonly<Record<string, string>>
  /** Least and most: a count, bytes or ms. */
  readonly range?: readonly [number, number]
  /** The code of a value that cannot be; `setting_invalid` unless said. */
  readonly code?: string
  readonly doc: string
}

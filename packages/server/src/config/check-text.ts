import { parseDuration } from './parse-duration.ts'
import { parseList } from './parse-list.ts'
import { parseSize } from './parse-size.ts'
import type { Setting } from './setting.ts'

const numbers: Partial<
  Record<Setting['type'], { readonly parse: (text: string) => number | null; readonly needs: string }>
> = {
  number: { parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null), needs: 'a whole number' },
  size: { parse: parseSize, needs: 'a size, such as 1048576 or 1 MiB' },
  duration: { parse: parseDuration, needs: 'a time, such as 30 or 30 s' },
}

/** What a setting's text lacks by its type, as an end to the setting's name; null when it is fine. */
export function checkText(setting: Setting, text: string): string | null {
  if (setting.oneOf !== undefined && !setting.oneOf.includes(text))
    return `needs to be one of ${setting.oneOf.join(', ')}`
  const number = numbers[setting.type]
  if (number !== undefined) {
    const value = number.parse(text)
    if (value === null) return `needs ${number.needs}`
    const [least, most] = setting.range ?? [0, Number.MAX_SAFE_INTEGER]
    if (value < least || value > most) return `needs ${spanOf(setting.type, least, most)}`
  }
  switch (setting.type) {
    case 'boolean':
      return /^(true|false|1|0|on|off|yes|no)$/i.test(text) ? null : 'needs true or false'
    case 'list':
      return parseList(text) === null ? 'needs items parted by commas, or a JSON array of texts' : null
    case 'url':
      return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? null : 'needs an http(s) URL'
    default:
      return null
  }
}

function spanOf(type: Setting['type'], least: number, most: number): string {
  if (type === 'duration') return `${least / 1_000} s to ${most / 1_000} s`
  return `${least} to ${most}${type === 'size' ? ' bytes' : ''}`
}

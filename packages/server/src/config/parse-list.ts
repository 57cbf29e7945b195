import { z } from 'zod'

const Texts = z.array(z.string())
/** `[::1]:8080` begins with a bracket and is no JSON. */
const address = /^\[[0-9a-f.]*:[0-9a-f.:]*\]/i

/** The items of a list: parted by commas or lines, or a JSON array of texts. Null: it begins as JSON and is none. */
export function parseList(text: string): string[] | null {
  const whole = text.trim()
  const items = whole.startsWith('[') && !address.test(whole) ? fromJson(whole) : whole.split(/[,\n]/)
  return items === null ? null : items.map((item) => item.trim()).filter((item) => item !== '')
}

function fromJson(text: string): string[] | null {
  try {
    return Texts.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

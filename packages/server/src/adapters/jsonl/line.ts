import { crc32 } from 'node:zlib'
import type { Scalar, Stored } from '../../ports/log.ts'

const opening = '{"sum":"'
const middle = '","entry":'
const start = opening.length + 8 + middle.length

const sumOf = (text: string) => crc32(text).toString(16).padStart(8, '0')

/** One line of the log, newline included: the entry as JSON beside the CRC-32 of that JSON. */
export function writeLine(entry: Stored): string {
  const { payload, tenant: _, ...rest } = entry
  const text = `${JSON.stringify(rest).slice(0, -1)},"payload":${payload}}`
  return `${opening}${sumOf(text)}${middle}${text}}\n`
}

/** The entry of a line without its newline; null when the line is torn or was changed. */
export function readLine(tenant: string, line: string): Stored | null {
  if (!line.startsWith(opening) || !line.endsWith('}')) return null
  const text = line.slice(start, -1)
  if (line.slice(opening.length, opening.length + 8) !== sumOf(text)) return null
  const { payload, ...rest } = JSON.parse(text) as Omit<Stored, 'tenant' | 'payload'> & { payload: unknown }
  return {
    ...rest,
    attributes: rest.attributes as Record<string, Scalar>,
    tenant,
    payload: JSON.stringify(payload),
  }
}

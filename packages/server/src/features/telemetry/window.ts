import type { TelemetryQuery } from '@quarterdeck/sdk/contract/telemetry-query'
import { fault } from '@quarterdeck/sdk/errors'

/** A stretch of time, from (included) to (excluded), Unix ms. */
export interface Window {
  readonly from: number
  readonly to: number
}

const minute = 60_000
const day = 1_440 * minute
const longest = 31 * day

const lengths = { live: minute, '15m': 15 * minute, '24h': day, '7d': 7 * day } as const

/** The window that a query asks for. A preset ends with the present instant. */
export function windowOf(input: Pick<TelemetryQuery, 'preset' | 'from' | 'to'>, now: number): Window {
  const { preset } = input
  if (preset !== 'custom') {
    if (input.from !== undefined) throw refused('from', 'goes only with preset=custom')
    if (input.to !== undefined) throw refused('to', 'goes only with preset=custom')
    return { from: now + 1 - lengths[preset], to: now + 1 }
  }
  if (input.from === undefined) throw refused('from', 'is needed with preset=custom')
  if (input.to === undefined) throw refused('to', 'is needed with preset=custom')
  const from = Date.parse(input.from)
  const to = Date.parse(input.to)
  if (from >= to) throw refused('to', 'needs to be after from')
  if (to - from > longest) throw refused('to', 'needs to be within 31 days of from')
  return { from, to }
}

function refused(path: string, message: string) {
  return fault('invalid', undefined, { issues: [{ path: [path], message }] })
}

import { fault } from '@quarterdeck/sdk/errors'
import type { z } from 'zod'
import { parse } from './perform.ts'

/** An opaque cursor: JSON as base64url. It carries no authority; what it points at is asked for again. */
export function writeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** What a cursor says; a garbled one is `invalid`. */
export function readCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  try {
    return parse(schema, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
  } catch {
    throw fault('invalid', undefined, { issues: [{ path: ['cursor'], message: 'is not a cursor of ours' }] })
  }
}

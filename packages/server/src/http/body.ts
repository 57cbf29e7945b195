import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fault } from '@quarterdeck/sdk/errors'
import { notJson } from '../core/ingest.ts'
import type { After } from './timeouts.ts'

const inflate = promisify(gunzip)

/** What a body may be: its bytes at most, inflated, and how long it may take to arrive, ms. */
export interface BodyLimits {
  readonly max: number
  readonly timeoutMs: number
  readonly after: After
}

/** Refuses a body that says itself that it is too large, before any of it is read. */
export function checkLength(incoming: IncomingMessage, max: number): void {
  if (Number(incoming.headers['content-length'] ?? 0) > max) throw fault('body_too_large')
}

/** The whole body of a Node request, straight from its socket; refused as soon as it is too large or too late. */
function readRaw(incoming: IncomingMessage, { max, timeoutMs, after }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    // What still comes after a refusal is dropped.
    let settled = false
    const refuse = (reason: Error) => {
      settled = true
      inTime()
      chunks.length = 0
      reject(reason)
    }
    const late = () => {
      if (!settled) refuse(fault('request_timeout', 'The body did not arrive'))
    }
    const inTime = after(timeoutMs, late)
    incoming.on('data', (chunk: Buffer) => {
      if (settled) return
      size += chunk.length
      if (size > max) refuse(fault('body_too_large'))
      else chunks.push(chunk)
    })
    incoming.on('end', () => {
      if (settled) return
      settled = true
      inTime()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    })
    incoming.on('error', late)
    incoming.on('close', late)
  })
}

/** The body as sent, inflated; its size is counted inflated. */
export async function readBytes(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') throw fault('unsupported_media_type')
  const raw = await readRaw(incoming, limits)
  if (encoding === 'identity') return raw
  try {
    return await inflate(raw, { maxOutputLength: limits.max })
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw tooLarge ? fault('body_too_large') : fault('invalid_json', 'The body is not gzip')
  }
}

/** The media type without parameters, in lower case; empty when none was said. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** A body as JSON. Lines of NDJSON become items; one that is no JSON is marked and left to the records beside it. */
export function parseBody(bytes: Buffer, type: string): unknown {
  if (type === 'application/x-ndjson') return linesOf(bytes)
  // JSON is UTF-8 (RFC 8259, 8.1): bytes that are not would be replaced unseen.
  if (!isUtf8(bytes)) throw fault('invalid_json')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw fault('invalid_json')
  }
}

function linesOf(bytes: Buffer): unknown[] {
  const lines = isUtf8(bytes) ? bytes.toString('utf8').split('\n') : brokenLines(bytes)
  return lines
    .filter((line) => line === null || line.trim() !== '')
    .map((line): unknown => {
      if (line === null) return notJson
      try {
        return JSON.parse(line)
      } catch {
        return notJson
      }
    })
}

/** The lines of bytes that are not all UTF-8; null stands for one that is not. */
function brokenLines(bytes: Buffer): (string | null)[] {
  const lines: (string | null)[] = []
  for (let from = 0; from <= bytes.length; ) {
    const found = bytes.indexOf(10, from)
    const line = bytes.subarray(from, found < 0 ? bytes.length : found)
    lines.push(isUtf8(line) ? line.toString('utf8') : null)
    from += line.length + 1
  }
  return lines
}

import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fault } from '@quarterdeck/sdk/errors'
import { notJson } from '../core/ingest.ts'

const inflate = promisify(gunzip)

/** The whole body of a Node request, straight from its socket; refused as soon as it is larger than `max` bytes. */
function readRaw(incoming: IncomingMessage, max: number): Promise<Buffer> {
  const declared = Number(incoming.headers['content-length'] ?? 0)
  if (declared > max) return Promise.reject(fault('body_too_large'))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let settled = false
    const broken = () => {
      if (!settled) reject(fault('request_timeout', 'The body did not arrive'))
    }
    incoming.on('data', (chunk: Buffer) => {
      if (settled) return
      size += chunk.length
      chunks.push(chunk)
      if (size <= max) return
      settled = true
      reject(fault('body_too_large'))
    })
    incoming.on('end', () => {
      settled = true
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    })
    incoming.on('error', broken)
    incoming.on('close', broken)
  })
}

/** The body as sent, inflated; its size is counted inflated. */
export async function readBytes(incoming: IncomingMessage, max: number): Promise<Buffer> {
  const encoding = incoming.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') throw fault('unsupported_media_type')
  const raw = await readRaw(incoming, max)
  if (encoding === 'identity') return raw
  try {
    return await inflate(raw, { maxOutputLength: max })
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
  const text = bytes.toString('utf8')
  if (type !== 'application/x-ndjson') {
    try {
      return JSON.parse(text)
    } catch {
      throw fault('invalid_json')
    }
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): unknown => {
      try {
        return JSON.parse(line)
      } catch {
        return notJson
      }
    })
}

import { fault } from '@quarterdeck/sdk/errors'

/** The arguments of a live topic: `args=` holds base64url of their JSON list; without it there are none. Throws `invalid`. */
export function readLiveArguments(query: URLSearchParams): readonly unknown[] {
  const text = query.get('args')
  if ([...query.keys()].some((key) => key !== 'args') || query.getAll('args').length > 1)
    throw invalid('a live topic takes args alone, once')
  if (text === null) return []
  const args = /^[A-Za-z0-9_-]*$/.test(text) ? parse(Buffer.from(text, 'base64url')) : null
  if (!Array.isArray(args)) throw invalid('args must be base64url of a JSON list')
  return args
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}

function invalid(message: string) {
  return fault('invalid', undefined, { issues: [{ path: ['topics'], message }] })
}

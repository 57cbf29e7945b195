import { Fault } from '../errors.ts'
import type { RawAnswer } from '../functions/client-app.ts'
import { faultOf } from './fault-of.ts'

/**
 * What a function answered: its result, or the answer that it gave as it is. A refusal is a `Fault`; so is an answer that
 * broke off, as one of a server that is not reached.
 */
export async function answerOf(response: Response, now: number): Promise<unknown> {
  try {
    if (isRaw(response)) return await rawOf(response)
    if (!response.ok) throw await faultOf(response, now)
    const text = await response.text()
    return text === '' ? undefined : resultOf(text)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('dependency_unavailable', 'The answer broke off', {
      cause,
      members: { unreachable: true },
    })
  }
}

function resultOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly result?: unknown }).result
  } catch (cause) {
    throw new Fault('internal', 'The answer is not JSON', { cause })
  }
}

/** Answers that functions give as they are come under the policy `sandbox`; nothing else of the server does. */
function isRaw(response: Response): boolean {
  const policies = response.headers.get('content-security-policy')?.split(/[;,]/) ?? []
  if (policies.some((policy) => policy.trim() === 'sandbox')) return true
  return response.ok && response.status !== 204 && mediaTypeOf(response) !== 'application/json'
}

async function rawOf(response: Response): Promise<RawAnswer> {
  const body = isText(mediaTypeOf(response))
    ? await response.text()
    : new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

function mediaTypeOf(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function isText(type: string): boolean {
  return type === '' || /^text\/|^application\/(json|xml|javascript)$|\+(json|xml)$/.test(type)
}

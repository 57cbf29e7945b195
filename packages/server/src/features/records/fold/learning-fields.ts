import type { Fields } from './tracked.ts'

/**
 * The fields of a learning; null when its payload lacks a summary, a subjectRef, a family or the plain word that it has
 * no authority. Such an event stays in the timeline and makes no learning.
 */
export function learningFields(payload: Readonly<Record<string, unknown>>): Fields | null {
  const after = typeof payload.after === 'object' && payload.after !== null ? payload.after : {}
  const said: Fields = { ...payload, ...after }
  const { summary, subjectRef, family, nonAuthority } = said
  if (typeof summary !== 'string' || typeof subjectRef !== 'object' || subjectRef === null) return null
  if (family !== 'workflow' && family !== 'domain') return null
  if (nonAuthority !== true) return null
  return { ...after, summary, subjectRef, family, nonAuthority }
}

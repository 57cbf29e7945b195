import type { Issue } from '@quarterdeck/sdk/errors'
import type { Field } from './field-of.ts'

/** What stands in a field: text as typed, nothing yet, or what stands in the fields within. */
export type Draft = string | undefined | { readonly [name: string]: Draft }

type Path = Issue['path']
type Read = { readonly given: boolean; readonly value?: unknown; readonly issues: readonly Issue[] }

const absent: Read = { given: false, issues: [] }

/**
 * The list of arguments that a form says. Those that are not given are left out at its end and null before that; what
 * cannot be read is told by its place.
 */
export function readArguments(
  fields: readonly Field[],
  drafts: readonly Draft[],
): { readonly args: unknown[]; readonly issues: readonly Issue[] } {
  const read = fields.map((field, at) => readDraft(field, drafts[at], [at]))
  const count = read.findLastIndex(({ given }) => given) + 1
  return {
    args: read.slice(0, count).map(({ value }) => value ?? null),
    issues: read.flatMap(({ issues }) => issues),
  }
}

function readDraft(field: Field, draft: Draft, path: Path): Read {
  if (field.kind === 'fields') {
    const inner = typeof draft === 'object' ? draft : {}
    const read = field.fields.map(({ name, required, field: each }) => {
      const found = readDraft(each, Object.hasOwn(inner, name) ? inner[name] : undefined, [...path, name])
      return { name, required, ...found }
    })
    const there = read.filter(({ given }) => given)
    return {
      // Nothing is said where nothing was typed, unless an empty object is all that it takes.
      given: there.length > 0 || !read.some(({ required }) => required),
      value: Object.fromEntries(there.map(({ name, value }) => [name, value])),
      issues: read.flatMap(({ issues }) => issues),
    }
  }
  if (typeof draft !== 'string') return absent
  if (field.kind === 'text') return { given: true, value: draft, issues: [] }
  if (draft.trim() === '') return absent
  return readTyped(field.kind, draft, path)
}

function readTyped(kind: Exclude<Field['kind'], 'text' | 'fields'>, draft: string, path: Path): Read {
  const wrong = (message: string): Read => ({ given: true, issues: [{ path, message }] })
  switch (kind) {
    case 'number':
    case 'integer': {
      const value = Number(draft)
      if (!Number.isFinite(value)) return wrong('This is no number')
      if (kind === 'integer' && !Number.isInteger(value)) return wrong('This is no whole number')
      return { given: true, value, issues: [] }
    }
    case 'date':
      return { given: true, value: draft, issues: [] }
    case 'instant': {
      const time = new Date(draft)
      if (Number.isNaN(time.valueOf())) return wrong('This is no time')
      return { given: true, value: time.toISOString(), issues: [] }
    }
    case 'boolean':
    case 'choice':
    case 'json':
      try {
        return { given: true, value: JSON.parse(draft), issues: [] }
      } catch (failure) {
        return wrong(`This is no JSON: ${failure instanceof Error ? failure.message : 'unreadable'}`)
      }
  }
}

import { describe, expect, it } from 'vitest'
import { fieldOf } from './field-of.ts'
import { type Draft, readArguments } from './read-arguments.ts'

const read = (schemas: readonly Record<string, unknown>[], drafts: readonly Draft[]) =>
  readArguments(
    schemas.map((schema) => fieldOf(schema)),
    drafts,
  )
const text = { type: 'string' }
const state = { type: 'string', enum: ['open', 'done'] }

describe('the arguments that a form says', () => {
  it('are of the types that the schemas name', () => {
    const schemas = [text, { type: 'number' }, { type: 'boolean' }, state, { type: 'string', format: 'date' }]
    expect(read(schemas, ['', ' 4.5 ', 'false', '"done"', '2026-01-31']).args).toEqual([
      '',
      4.5,
      false,
      'done',
      '2026-01-31',
    ])
  })

  it('have a time as RFC 3339 in UTC', () => {
    const { args } = read([{ type: 'string', format: 'date-time' }], ['2026-01-31T12:00'])
    expect(args).toEqual([new Date('2026-01-31T12:00').toISOString()])
  })

  it('are left out at the end, and null before one that is given', () => {
    expect(read([text, { type: 'number' }, text], ['a', '', undefined]).args).toEqual(['a'])
    expect(read([text, { type: 'number' }, text], [undefined, '', 'c']).args).toEqual([null, null, 'c'])
    expect(read([], []).args).toEqual([])
  })

  it('hold of an object what was given', () => {
    const place = {
      type: 'object',
      properties: { room: text, floor: { type: 'integer' } },
      required: ['room'],
    }
    const schema = { type: 'object', properties: { title: text, place, tags: { type: 'array' } } }
    expect(read([schema], [{ title: 'a', place: { floor: '2' } }]).args).toEqual([
      { title: 'a', place: { floor: 2 } },
    ])
    expect(read([schema], [{ tags: '["x"]' }]).args).toEqual([{ tags: ['x'] }])
    expect(read([schema], [undefined]).args).toEqual([{}])
    expect(read([place], [{ room: undefined, floor: '' }]).args).toEqual([])
  })

  it('tell by their place what cannot be read', () => {
    const schema = { type: 'object', properties: { floor: { type: 'integer' } } }
    const { issues } = read([{ type: 'number' }, {}, schema], ['x', '{', { floor: '1.5' }])
    expect(issues.map(({ path }) => path)).toEqual([[0], [1], [2, 'floor']])
    expect(issues[1]?.message).toMatch(/^This is no JSON/)
  })

  it('cannot reach what objects are made of by a name', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}',
    )
    const drafts = JSON.parse('[{"__proto__":"x"}]') as Draft[]
    expect(JSON.stringify(read([schema], drafts).args)).toBe('[{"__proto__":"x"}]')
    expect(read([schema], [{}]).args).toEqual([])
  })
})

describe('a field', () => {
  it('is JSON where the schema is more than a form can say', () => {
    expect(fieldOf({ anyOf: [text, { type: 'null' }] })).toEqual({ kind: 'json', sample: '"something"' })
    expect(fieldOf({ type: 'array', items: text }).kind).toBe('json')
    expect(fieldOf({}).kind).toBe('json')
  })

  it('says what counts where nothing is given, and what it is for', () => {
    expect(fieldOf({ ...state, default: 'open', description: 'How it stands' })).toEqual({
      kind: 'choice',
      options: ['open', 'done'],
      fallback: '"open"',
      description: 'How it stands',
    })
  })
})

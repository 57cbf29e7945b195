import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { openStage, type Stage } from '../stage.ts'

const sources = {
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
export default app({ groups: { services: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } } } })
`,
  'tables.ts': `
import { table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
const odd = "a'; drop table heads; --"
const schema = z.looseObject({ text: z.string(), [odd]: z.string().optional(), '"quoted"': z.string().optional() })
const indexes = { byText: { on: ['text'] }, odd: { on: [odd, '"quoted"'] } }
export const words = table('words', { schema, rows: 'shared', indexes })
export const others = table('others', { schema, rows: 'shared', indexes: { byText: { on: ['text'], unique: true } } })
`,
  'functions/words.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
const any = z.unknown()
export const put = backend({ args: [z.string(), any], perm: perms._W_ }, (ctx, id, doc) =>
  ctx.tables.words.set(id, doc as never))
export const get = backend({ args: [z.string()], perm: perms.R__ }, (ctx, id) => ctx.tables.words.get(id))
export const drop = backend({ args: [z.string()], perm: perms.R_X }, (ctx, id) => ctx.tables.words.delete(id))
export const ask = backend({ args: [any], perm: perms.R__ }, (ctx, query) => ctx.tables.words.query(query as never))
export const askOf = backend({ args: [z.string(), any], perm: perms.R__ }, (ctx, name, query) =>
  (ctx.tables as never as Record<string, { query(asked: unknown): unknown }>)[name]!.query(query))
export const past = backend({ args: [any], perm: perms.R__ }, (ctx, at) => ctx.tables.at(at as never).words.query())
export const unique = backend({ args: [z.string()], perm: perms._W_ }, (ctx, text) => ctx.tables.others.push({ text }))
export const cached = backend({ args: [z.string(), z.string()], perm: perms.R__ }, async (ctx, key, value) => {
  await ctx.cache.set(key, value)
  return ctx.cache.get(key)
})
`,
}

/** What would end a statement, a text or a name, open a comment, or be another thing in a pattern, a path or JSON. */
export const hostile = [
  "'; drop table heads; --",
  '"; drop table heads; --',
  "' or '1'='1",
  "\\'; drop table heads; --",
  '$1',
  '?1',
  ':name',
  '$$; drop table heads; $$',
  '%s %I %L',
  '%',
  '_',
  '\\',
  "''",
  '""',
  '`',
  '/* ',
  '-- ',
  '; select pg_sleep(60); --',
  'words"; truncate trxs; --',
  '#{7*7}',
  '{{7*7}}',
  '../../etc/passwd',
  'constructor',
  'toString',
  'a b\u2028c',
  '😀',
  '\uffff',
  '0',
  '{"a":1}',
  '[1]',
  'null',
]

/** Hostile texts in every place where a caller's text reaches tables. */
export function hostileJourney(
  storage: string,
  open: () => Promise<{ env: Record<string, string>; drop: () => Promise<unknown> }>,
): void {
  describe(`texts that would be statements, with tables in ${storage}`, () => {
    let folder: string
    let stage: Stage
    let drop: () => Promise<unknown>
    const token = 'token-of-a-service-that-means-harm-01'

    beforeAll(async () => {
      folder = writeApp(sources)
      const { env, drop: dropIt } = await open()
      drop = dropIt
      stage = await openStage({
        ...env,
        CONSOLE_APP: folder,
        CONSOLE_AUTH_TOKEN: token,
        CONSOLE_LIMITS_JSON: JSON.stringify({ default: '100000/minute' }),
      })
    }, 60_000)
    afterAll(async () => {
      await stage.stop()
      await drop()
      rmSync(dirname(folder), { recursive: true, force: true })
    })

    async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(`${stage.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text) }
    }
    async function rpc(fn: string, ...args: unknown[]) {
      const { status, body } = await ask('POST', `/rpc/${fn}`, args)
      return status === 200 ? body.result : `${status} ${body.code}`
    }
    const all = async () => (await rpc('ask', { limit: 1_000 })).rows.map(({ id }: { id: string }) => id)

    /** Every place still holds exactly what was put into it. */
    async function stands() {
      expect((await all()).sort()).toEqual([...hostile].sort())
      expect((await rpc('get', 'constructor')).text).toBe('constructor')
    }

    it('are ids, texts and keys of documents, and are found by them', async () => {
      for (const text of hostile) expect(await rpc('put', text, { text, [text]: text })).toBeUndefined()
      for (const text of hostile) {
        expect(await rpc('get', text), text).toEqual({ id: text, text, [text]: text })
        for (const where of [{ text }, { text: { in: [text] } }, { text: { gte: text, lte: text } }])
          expect((await rpc('ask', { where })).rows, text).toMatchObject([{ id: text }])
        const begins = (await rpc('ask', { where: { text: { prefix: text } } })).rows
        expect(begins.map(({ id }: { id: string }) => id).sort(), text).toEqual(
          hostile.filter((one) => one.startsWith(text)).sort(),
        )
        const versions = await ask('GET', `/tables/words/rows/${encodeURIComponent(text)}/versions`)
        expect(versions.body.items, text).toMatchObject([{ data: { text } }])
      }
      await stands()
    })

    it('page through an order by cursors that hold them', async () => {
      for (const orderBy of [undefined, 'text', { field: 'text', direction: 'desc' }]) {
        const seen: string[] = []
        let cursor: string | undefined
        do {
          const page = await rpc('ask', { limit: 2, ...(orderBy && { orderBy }), ...(cursor && { cursor }) })
          seen.push(...page.rows.map(({ id }: { id: string }) => id))
          cursor = page.cursor
        } while (cursor !== undefined)
        expect(seen.sort()).toEqual([...hostile].sort())
      }
    })

    it('are fields and orders that there is no index for, or no fields at all', async () => {
      for (const text of hostile) {
        for (const query of [
          { where: { [text]: 1 } },
          { where: { [text]: { gte: 'a' } } },
          { orderBy: text },
        ])
          expect(await rpc('ask', query), text).toMatch(/^422 (index_required|invalid)$/)
        // Beside a condition that an index serves it is looked for in each document.
        const where = { text: 'constructor', [text]: { ne: 1 } }
        const found = await rpc('ask', { where })
        if (typeof found === 'string') expect(found, text).toBe('422 invalid')
        else expect(found.rows, text).toMatchObject([{ id: 'constructor' }])
        const listed = new URLSearchParams({ where: JSON.stringify({ [text]: 1 }), orderBy: text })
        expect((await ask('GET', `/tables/words/rows?${listed}`)).status, text).toBe(422)
      }
      // A field that an index is declared on may have any name that a path can have.
      const odd = "a'; drop table heads; --"
      await rpc('put', 'constructor', { text: 'constructor', [odd]: odd, '"quoted"': '"' })
      expect((await rpc('ask', { where: { [odd]: odd } })).rows).toMatchObject([{ id: 'constructor' }])
      expect((await rpc('ask', { where: { [odd]: odd, '"quoted"': '"' } })).rows).toHaveLength(1)
      await stands()
    })

    it('are words of a query that there are not', async () => {
      for (const text of hostile) {
        for (const query of [
          { where: { text: { [text]: 1 } } },
          { orderBy: { field: 'text', direction: text } },
          { limit: text },
          { where: text },
          { where: { text: { in: text } } },
          { orderBy: [text] },
        ])
          expect(`${JSON.stringify(query)} ${await answered('ask', query)}`).toMatch(/ (422 invalid|200)$/)
      }
      await stands()
    })
    async function answered(fn: string, ...args: unknown[]) {
      const answer = await rpc(fn, ...args)
      return typeof answer === 'string' ? answer : '200'
    }

    it('are cursors of no query', async () => {
      const { cursor } = await rpc('ask', { limit: 1, orderBy: 'text' })
      const [digest, last, fields, keys, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
      const written = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')
      for (const text of hostile) {
        for (const forged of [
          text,
          written(digest, text, fields, keys, id),
          written(digest, last, [text], keys, id),
          written(digest, last, text, keys, id),
          written(digest, last, null, keys, id),
          written(text, last, fields, keys, id),
          written(digest, last, fields, [text, text], id),
          written(digest, last, fields, text, id),
          written(digest, last, fields, keys, [text]),
          written(digest, last + 0.5, fields, keys, id),
          written(digest, 1e15, fields, keys, id),
          written(digest, -1, fields, keys, id),
        ])
          expect(await rpc('ask', { limit: 1, orderBy: 'text', cursor: forged }), text).toBe('422 invalid')
        // A place may be named that no row stands at: what is behind it is told.
        const behind = await rpc('ask', {
          orderBy: 'text',
          cursor: written(digest, last, fields, [`4${text}`], text),
        })
        const ids = behind.rows.map(({ id: one }: { id: string }) => one)
        expect(ids, text).not.toContain(text)
        expect(
          ids.every((one: string) => Buffer.compare(Buffer.from(one), Buffer.from(text)) > 0),
          text,
        ).toBe(true)
      }
      await stands()
    })

    it('are names of no table, function, session or version', async () => {
      const last = (await ask('GET', '/tables')).body.last
      for (const text of [...hostile, '__proto__', 'prototype', 'hasOwnProperty', 'at', 'storage', 'heads']) {
        const name = encodeURIComponent(text)
        for (const [method, path, body] of [
          ['POST', `/rpc/${name}`, []],
          ['GET', `/functions/${name}`],
          ['GET', `/functions/${name}/calls`],
          ['POST', `/functions/${name}/run`, {}],
          ['GET', `/tables/${name}/rows`],
          ['GET', `/tables/${name}/rows/a/versions`],
          ['PUT', `/tables/${name}/permissions`, { permissions: 0 }],
          ['POST', `/tx/${name}/commit`, {}],
          ['DELETE', `/tx/${name}`],
          ['GET', `/stream?topics=${encodeURIComponent(`functions.change/${name}`)}`],
          ['GET', `/stream?topics=${encodeURIComponent(`functions.live/${name}`)}`],
        ] as const) {
          const { status, body: said } = await ask(method, path, body)
          expect(`${path} ${status}`).toMatch(/ (403|404|405|422)$/)
          expect(JSON.stringify(said)).not.toMatch(/select|syntax|sqlite|relation|at Object|node:/i)
        }
        const asText = /^[\x21-\x7e][\x20-\x7e]*$/.test(text) ? text : 'x'
        expect((await ask('POST', '/rpc/get', ['a'], { 'x-session-id': asText })).status).toBe(404)
        expect((await ask('POST', '/rpc/get', ['a'], { 'x-deadline-ms': asText })).status, text).toBe(422)
      }
      expect(await rpc('askOf', 'constructor', {})).toBe('500 internal')
      expect((await ask('GET', '/tables')).body.last).toBe(last)
      await stands()
    })

    it('are moments and numbers that there are not', async () => {
      for (const text of [...hostile, -1, 1.5, 1e300, true, {}, []]) {
        expect(await answered('past', text), String(text)).toMatch(/^(422 invalid|500 internal)$/)
        const asOf = encodeURIComponent(String(text))
        if (text !== '0')
          expect((await ask('GET', `/tables/words/rows?asOf=${asOf}`)).status, String(text)).toBe(422)
      }
    })

    it('are keys of the cache, idempotency keys, and texts that a unique index knows', async () => {
      for (const [n, text] of hostile.entries()) {
        expect(await rpc('cached', text, text), text).toBe(text)
        expect(await rpc('unique', text), text).toMatch(/^[0-9a-f-]{36}$/)
        expect(await rpc('unique', text), text).toBe('409 unique_violation')
        if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(text)) continue
        const key = { 'idempotency-key': text }
        const one = await ask('POST', '/rpc/unique', [`keyed ${n}`], key)
        expect([one.status, await ask('POST', '/rpc/unique', [`keyed ${n}`], key)], text).toEqual([200, one])
      }
      await stands()
    })

    it('no body has __proto__ in it, no id a control, and what is deleted is that row alone', async () => {
      const raw = (path: string, body: string) =>
        fetch(`${stage.url}${path}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body,
        }).then(async (response) => [response.status, (await response.json()).code])
      for (const body of [
        '["a", {"text":"x","__proto__":{"polluted":1}}]',
        '{"__proto__":1}',
        '[{"where":{"__proto__":1}}]',
        '["\\u0000"]',
        '["\\ud800"]',
        '[1e400]',
      ])
        expect(await raw('/rpc/put', body), body).toEqual([422, 'invalid'])
      const where = encodeURIComponent('{"__proto__":{"eq":"nobody"}}')
      expect((await ask('GET', `/tables/words/rows?where=${where}`)).status).toBe(422)
      for (const id of ['', 'x'.repeat(129), 'a\nb', '\u007f', '\u0085'])
        expect(await rpc('put', id, { text: '' }), JSON.stringify(id)).toMatch(/^422 /)
      for (const text of hostile) {
        expect(await rpc('drop', text), text).toBe(true)
        expect(await all(), text).not.toContain(text)
        expect(await rpc('put', text, { text }), text).toBeUndefined()
      }
      await stands()
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    })
  })
}

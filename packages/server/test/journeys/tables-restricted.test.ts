import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readLine } from '../../src/adapters/jsonl/line.ts'
import { small, writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { openStage, type Stage } from '../stage.ts'
import type { TestBrowser } from './browser-of.ts'
import { enrol, localOwner } from './people.ts'

describe('a table, in the hands of an operator', () => {
  let folder: string
  let stage: Stage
  let ada: TestBrowser
  beforeAll(async () => {
    folder = writeApp(small)
    stage = await openStage({ CONSOLE_APP: folder })
    ada = await localOwner(stage)
  })
  afterAll(async () => {
    await stage.stop()
    rmSync(dirname(folder), { recursive: true, force: true })
  })
  const rpc = async (fn: string, ...args: unknown[]) => {
    const response = await fetch(`${stage.url}/rpc/${fn}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(args),
    })
    return { status: response.status, body: await response.json() }
  }
  /** The operations that decisions of the tenant tell of as done, in order. */
  const done = () => {
    const place = join(stage.folder, 'data/logs/decisions/default')
    return readdirSync(place)
      .sort()
      .flatMap((name) => readFileSync(join(place, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(readLine('default', line)?.payload ?? '{}'))
      .filter(({ phase }) => phase === 'done')
      .map(({ operation }) => String(operation))
      .filter((operation) => operation.startsWith('functions.'))
  }

  it('is read with its versions, and restricted for everybody once that is proved', async () => {
    const { body: made } = await rpc('openTicket', 'Printer on fire')
    const rows = await ada.ask('GET /tables/tickets/rows?orderBy=title')
    expect([rows.status, rows.body]).toMatchObject([
      200,
      { items: [{ id: made.result, number: 1, data: { title: 'ticket: Printer on fire' } }], number: 1 },
    ])
    const versions = await ada.ask(`GET /tables/tickets/rows/${made.result}/versions`)
    expect(versions.body).toMatchObject({ items: [{ number: 1, function: 'openTicket', endedBy: null }] })
    expect((await ada.ask('GET /tables')).body).toMatchObject({
      items: [{ name: 'tickets', permitted: 7 }],
      last: 1,
    })

    const { code } = await enrol(ada)
    const act = ['PUT /tables/tickets/permissions', { permissions: 4 }] as const
    const asked = await ada.ask(...act)
    expect([asked.status, asked.body]).toMatchObject([
      403,
      { code: 'proof_required', word: 'tickets', shown: { table: 'tickets', from: 7, to: 4 } },
    ])
    const said = { challenge: asked.body.challenge, word: 'tickets', code: code() }
    const { proof } = (await ada.ask('POST /identity/proofs', said)).body
    const answer = await ada.ask(...act, { 'x-console-proof': String(proof) })
    expect([answer.status, answer.body]).toEqual([200, { table: 'tickets', permissions: 4 }])

    expect(await rpc('openTicket', 'Another')).toMatchObject({
      status: 403,
      body: { code: 'forbidden', table: 'tickets' },
    })
    expect((await rpc('board')).body.result).toHaveLength(1)
    expect((await ada.ask('GET /tables')).body).toMatchObject({ items: [{ permitted: 4 }], last: 2 })
    expect(done()).toEqual(['functions.rows', 'functions.versions', 'functions.restrict'])
  })

  it('is nobody’s to look at without the permission, nor another tenant’s', async () => {
    for (const path of ['/tables', '/tables/tickets/rows', '/tables/tickets/rows/x/versions', '/functions'])
      expect((await fetch(stage.url + path)).status).toBe(401)
    expect((await ada.ask('GET /tables/other/rows')).body.code).toBe('not_found')
    expect((await ada.ask('GET /tables/..%2Fx/rows')).status).toBeGreaterThanOrEqual(404)
  })
})

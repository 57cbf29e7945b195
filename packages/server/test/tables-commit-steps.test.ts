import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openSqlite } from '../src/adapters/sqlite/open.ts'
import { sqliteTables } from '../src/adapters/sqlite/tables.ts'
import { nothing, prepareScene, sceneOf, whatStands, whole } from './children/commit-scene.ts'
import { runCommit } from './children/run-commit.ts'

const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-steps-'))
const where = join(folder, 'a.sqlite')
afterAll(() => rmSync(folder, { recursive: true }))

it('leaves all or nothing in SQLite of a commit that is killed at any of its statements', {
  timeout: 180_000,
}, async () => {
  const db = openSqlite({ path: where, now: Date.now })
  const tables = sqliteTables({ db, now: Date.now, randomId: randomUUID })
  let deaths = 0
  let stood = 0
  let through: string | null = null
  while (through === null) {
    const statement = deaths + 1
    const scene = sceneOf(`tenant ${statement}`)
    await prepareScene(tables, scene)
    const child = await runCommit(where, scene.tenant, statement)
    child.go()
    through = await child.ended
    const found = await whatStands(tables, scene)
    if (found.outcome.state === 'committed') {
      expect(found).toEqual(whole(found.outcome.at))
      stood += 1
    } else expect(found, `killed at statement ${statement}`).toEqual(nothing)
    // It goes on behind it, without a gap.
    const next = tables.begin({ tenant: scene.tenant })
    next.set('notes', 'x', { n: 9 }, 'me')
    expect(await next.commit()).toMatchObject({ state: 'committed', number: found.last + 1 })
    if (through === null) deaths += 1
  }
  // Only after the last statement, COMMIT, it stands: killed before the answer, and not killed at all.
  expect(stood).toBe(2)
  expect(JSON.parse(through)).toMatchObject({ outcome: { state: 'committed', number: 3 }, count: deaths })
  expect(deaths).toBeGreaterThan(20)
  await tables.close()
  db.close()
})

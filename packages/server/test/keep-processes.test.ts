import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { sqliteKeep } from '../src/adapters/sqlite/keep.ts'
import { openSqlite } from '../src/adapters/sqlite/open.ts'

const script = fileURLToPath(new URL('./children/keep-load.ts', import.meta.url))

it('loses nothing of what processes put into one SQLite file at once', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-keep-processes-'))
  const where = join(folder, 'a.sqlite')
  const run = () => promisify(execFile)(process.execPath, [script, where, '1000'])
  const outputs = await Promise.all([run(), run(), run()])
  const tokens = outputs.flatMap(({ stdout }) => JSON.parse(stdout) as number[])
  const db = openSqlite({ path: where, now: Date.now })
  const keep = sqliteKeep({ db, now: Date.now })
  expect((await keep.get('sum'))?.value).toBe('3000')
  expect((await keep.get('compared'))?.value).toBe('3000')
  expect(tokens.length).toBeGreaterThan(0)
  expect(new Set(tokens).size).toBe(tokens.length)
  db.close()
  rmSync(folder, { recursive: true })
})

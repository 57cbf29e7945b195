import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jsonlLog } from '../packages/server/src/adapters/jsonl/log.ts'
import { sqliteLog } from '../packages/server/src/adapters/sqlite/log.ts'
import { openSqlite } from '../packages/server/src/adapters/sqlite/open.ts'
import { recordsShape } from '../packages/server/src/features/records/shape.ts'
import { compare, concurrently } from './measure.ts'

// Durable append in JSON lines, 256 concurrent, each acknowledged after its own sync, against one fdatasync a record.
const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'bench-jsonl-'))
const log = await jsonlLog({
  folder: join(folder, 'log'),
  shape: recordsShape,
  openIndex() {
    const db = openSqlite({ path: join(folder, 'index.sqlite'), now: Date.now, copy: true })
    return sqliteLog({ db, shape: recordsShape, now: Date.now })
  },
})
const full = openSqlite({ path: join(folder, 'full.sqlite'), now: Date.now })
const sqlite = sqliteLog({ db: full, shape: recordsShape, now: Date.now })
const payload = JSON.stringify({
  schema: 'console.event',
  type: 'gate.passed',
  payload: { summary: 'x'.repeat(200) },
})
const entry = () => ({
  id: randomUUID(),
  digest: 'ab'.repeat(32),
  occurredAt: Date.now(),
  receivedAt: Date.now(),
  attributes: {
    schema: 'console.event',
    type: 'gate.passed',
    product: 'p',
    producer_id: 'q',
    tier: 'unbound',
    subject: 'p/gate/1',
    correlation_id: null,
  },
  payload,
})
const file = await open(join(folder, 'plain.jsonl'), 'a')
await compare('durable append, this machine’s disk', 5, [
  {
    name: 'one write and one fdatasync a record',
    async run() {
      for (let n = 0; n < 300; n += 1) {
        await file.appendFile(`${JSON.stringify(entry())}\n`)
        await file.datasync()
      }
      return 300
    },
  },
  {
    name: 'port log on jsonl, 256 concurrent',
    async run() {
      await concurrently(10_000, 256, () => log.append('t', [entry()]))
      return 10_000
    },
  },
  {
    name: 'port log on sqlite (synchronous=full), 256 concurrent',
    async run() {
      await concurrently(10_000, 256, () => sqlite.append('t', [entry()]))
      return 10_000
    },
  },
])
await file.close()
await log.close()
await sqlite.close()
rmSync(folder, { recursive: true, force: true })

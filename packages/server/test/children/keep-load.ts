// A process of its own that writes to a keep: `node keep-load.ts <file> <rounds>`. Each round adds one to `sum` in one
// step, and one to `compared` by comparison, again until it is through. Prints how often it won the lease.

import { sqliteKeep } from '../../src/adapters/sqlite/keep.ts'
import { openSqlite } from '../../src/adapters/sqlite/open.ts'

const [, , where = '', rounds = '0'] = process.argv
const db = openSqlite({ path: where, now: Date.now, synchronous: 'off' })
const keep = sqliteKeep({ db, now: Date.now })
const tokens: number[] = []
for (let round = 0; round < Number(rounds); round += 1) {
  await keep.increment('sum', 1)
  for (;;) {
    const kept = await keep.get('compared')
    const next = String(Number(kept?.value ?? 0) + 1)
    if ((await keep.compareAndSet('compared', kept?.version ?? null, next)) !== null) break
  }
  const lease = await keep.lease('lease', `process ${process.pid}`, 60_000)
  if (lease === null) continue
  tokens.push(lease.token)
  await lease.release()
}
process.stdout.write(JSON.stringify(tokens))
await keep.close()
db.close()

import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { post, race, startPeer } from './load.ts'

// What the door costs: auth, limits, gate, parse, metrics, answer, against bare node:http that parses and answers JSON of
// the same size. The operation behind it does nothing, or stores nothing new: the record is a duplicate, so what is
// measured is the way to it and back. The limits are counted as ever; they are only too high to be reached.
const token = 'bench-token-bench-token-bench-token'
const ours = await startPeer(
  'quarterdeck POST /session (door alone)',
  [join(import.meta.dirname, '../packages/server/src/cli/quarterdeck.ts'), 'serve'],
  {
    CONSOLE_DATA_DIR: mkdtempSync(join(tmpdir(), 'bench-door-')),
    CONSOLE_PORT: '0',
    CONSOLE_METRICS_ENABLED: 'false',
    CONSOLE_LOG_LEVEL: 'silent',
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_LIMITS_JSON: JSON.stringify({
      ingest: '1000000000/minute',
      default: '1000000000/minute;1000000000/hour',
    }),
  },
)
const bare = await startPeer('bare node:http', [join(import.meta.dirname, 'peers/bare.ts')])
const record = {
  schema: 'console.event',
  version: '0.1',
  id: randomUUID(),
  type: 'gate.passed',
  occurredAt: '2026-11-20T09:14:03Z',
  producer: { id: 'runner', product: 'flow' },
  scope: { kind: 'repo', id: 'shop' },
  subject: { product: 'flow', kind: 'gate', id: 'g' },
  payload: {},
}
const body = JSON.stringify(record)
const logout = post('/session/logout', token, JSON.stringify({ padding: body }))
const records = post('/records', token, body)
await race('the door on a POST, 64 connections', 7, [
  { peer: bare, width: 64, total: 20_000, request: () => records },
  { peer: ours, width: 64, total: 20_000, request: () => logout },
  {
    peer: { ...ours, name: 'quarterdeck POST /records (a duplicate)' },
    width: 64,
    total: 10_000,
    request: () => records,
  },
])
await bare.stop()
await ours.stop()

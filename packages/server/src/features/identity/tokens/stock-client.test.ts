import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { memoryKeep } from '../../../adapters/memory/keep.ts'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { prepare } from '../store.ts'
import { callOf, minute, origin, owner, type Replica, replica } from './tokens.test-kit.ts'

const run = promisify(execFile)

/** What a service that knows only our address does: in a process of its own, by a library that is not ours. */
const program = `
import { createRemoteJWKSet, jwtVerify } from 'jose'
const [jwks, issuer, ...tokens] = process.argv.slice(1)
const keys = createRemoteJWKSet(new URL(jwks))
for (const token of tokens) {
  const verified = await jwtVerify(token, keys, { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['EdDSA'] })
  console.log(verified.payload.sub)
}`

let one: Replica
const clock = { at: 0 }
const server = createServer(async (_, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(await one.part.handlers.jwks(callOf(owner, {}))))
})

beforeEach(async () => {
  clock.at = Date.now() - 15 * minute
  const now = () => clock.at
  const engines = { clock, keep: memoryKeep({ now }), tables: memoryTables({ now, randomId: randomUUID }) }
  await prepare(engines.tables)
  one = replica(engines)
  await one.part.start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await one.part.stop()
  server.close()
})

it('a stock client verifies our tokens by our key set, before and after a rotation', async () => {
  const mint = async (subject: string) =>
    (await one.part.handlers.mintToken(callOf(owner, { class: 'user', subject, ttl: 3_600 }))).accessToken
  const before = await mint('before')
  await one.part.handlers.rotateKeys(callOf(owner, {}))
  clock.at += 11 * minute
  await one.part.rotateIfDue()
  const after = await mint('after')
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module', '-e', program, jwks, origin, before, after],
    {
      cwd: import.meta.dirname,
    },
  )
  expect(stdout).toBe('before\nafter\n')
}, 60_000)

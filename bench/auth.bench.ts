import { randomBytes, randomUUID } from 'node:crypto'
import { operations } from '@quarterdeck/sdk/contract'
import { memoryKeep } from '../packages/server/src/adapters/memory/keep.ts'
import { memoryTables } from '../packages/server/src/adapters/memory/tables.ts'
import { oidcIssuers } from '../packages/server/src/adapters/oidc/issuers.ts'
import { createStore, prepare } from '../packages/server/src/features/identity/store.ts'
import { createTokensPart } from '../packages/server/src/features/identity/tokens/tokens-part.ts'
import { compare } from './measure.ts'

// What a verified token costs when it is remembered, against the same token verified each time. A replica that does not
// follow revocations believes nothing that it remembers: that is the one that verifies.
const tables = memoryTables({ now: Date.now, randomId: randomUUID })
const keep = memoryKeep({ now: Date.now })
await prepare(tables)
const seeds = { current: randomBytes(32).toString('base64'), next: null, previous: null }
const partOf = (process: string) =>
  createTokensPart({
    store: createStore({ tables }),
    tables,
    keep,
    issuers: oidcIssuers({ issuers: [], fetch, now: Date.now, allowInsecure: false }),
    issuerRules: [],
    bootstrapTokens: [],
    apiKeys: [],
    seeds,
    secret: randomBytes(32).toString('hex'),
    secretPrevious: null,
    environment: 'bench',
    homeTenant: 'home',
    tenantAllowed: () => true,
    publicOrigin: () => 'https://console.example.com',
    process,
    operations: operations(),
    findSession: async () => null,
    now: Date.now,
    randomBytes,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  })
const remembers = partOf('remembers')
const forgets = partOf('forgets')
await remembers.start()

const call = {
  requestId: 'bench',
  signal: new AbortController().signal,
  from: { address: '', client: '', origin: null, cookie: () => null },
  reply: {},
}
const minter = {
  tenant: 'home',
  principal: 'm',
  class: 'service',
  permissions: ['*'],
  credential: 'm',
} as const
const subject = 'user-7'
const user = await remembers.handlers.mintToken({ ...call, actor: minter, input: { class: 'user', subject } })
const scopes = ['records:read']
const service = await remembers.handlers.mintToken({
  ...call,
  actor: minter,
  input: { class: 'service', subject, scopes },
})

const side = (name: string, part: typeof remembers, value: string, rounds: number) => ({
  name,
  async run() {
    for (let n = 0; n < rounds; n += 1)
      await part.authenticator.authenticate({ kind: 'bearer', value, origin: null })
    return rounds
  },
})
await compare('an access token of a service', 7, [
  side('verified each time', forgets, service.accessToken, 2_000),
  side('remembered', remembers, service.accessToken, 40_000),
])
await compare('an access token of a function user, its family in memory', 7, [
  side('verified each time', forgets, user.accessToken, 2_000),
  side('remembered', remembers, user.accessToken, 40_000),
])
await remembers.stop()

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FreshDatabase, freshDatabase } from '../engines/databases.ts'
import { type Env, endAll } from '../program.ts'
import { openReplica, type Replica } from './identity-replicas.ts'

const minter = 'token-of-the-minter-000000000000001'
const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const soon = { timeout: 20_000, interval: 50 }

describe('signing keys of the settings', () => {
  let database: FreshDatabase
  const serving: Replica[] = []
  const refused: string[] = []
  let passed = 0
  let loading = true
  let load: Promise<unknown>
  let stranger: Replica

  const open = (keys: Env, wait = true) =>
    openReplica(
      database.url,
      {
        CONSOLE_DEFAULT_LIMITS: '100000/minute',
        CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
          { token: minter, tenantId: 'default', label: 'minter', scopes: ['identity:mint', 'records:read'] },
        ]),
        ...keys,
      },
      wait,
    )
  async function mint(at: Replica): Promise<string> {
    const body = { class: 'service', subject: 'job', scopes: ['records:read'] }
    const answer = await at.ask('POST /identity/mint', { token: minter, body })
    if (answer.status !== 200) throw new Error(`minting: ${answer.status} ${answer.body.code}`)
    return String(answer.body.accessToken)
  }
  const at = (n: number) => serving[n % serving.length] as Replica
  /** Mints at one server and asks another, over and over. */
  async function loader(start: number): Promise<void> {
    for (let n = start; loading; n += 1) {
      const token = await mint(at(n))
      const { status, body } = await at(n + 1).ask('GET /session', { token })
      if (status === 200) passed += 1
      else refused.push(`${status} ${body.code}`)
    }
  }
  /** Puts a new server in the place of each, one after the other, as deployments do. */
  async function roll(keys: Env): Promise<void> {
    for (const [place, old] of [...serving].entries()) {
      serving[place] = await open(keys)
      // What was on its way to the old one comes to its end.
      expect(await old.server.stop()).toBe(0)
      await old.stop()
    }
  }
  const jwks = () =>
    Promise.all(serving.map(async (one) => (await one.ask('GET /.well-known/jwks.json')).body))
  async function published(): Promise<unknown[]> {
    const [first, second] = await jwks()
    expect(second).toEqual(first)
    return first?.keys as unknown[]
  }

  beforeAll(async () => {
    database = await freshDatabase()
    const keys = { CONSOLE_SIGNING_KEY_B64: seed(1) }
    serving.push(...(await Promise.all([open(keys), open(keys)])))
    // Started by mistake with a key of its own, and there all the while.
    stranger = await open({ CONSOLE_SIGNING_KEY_B64: seed(9) }, false)
    load = Promise.all([loader(0), loader(1)])
    load.catch(() => undefined)
  })
  afterAll(async () => {
    loading = false
    await load.catch(() => undefined)
    await Promise.all([...serving, stranger].map((one) => one?.stop()))
    await endAll()
    await database?.drop()
  })

  it('roll under load without refusing a token, and all servers publish the same', async () => {
    const old = await mint(at(0))
    const takes = async (token: string) =>
      (await Promise.all(serving.map((one) => one.ask('GET /session', { token })))).map(
        ({ status }) => status,
      )
    expect(await published()).toHaveLength(1)
    await roll({ CONSOLE_SIGNING_KEY_B64: seed(1), CONSOLE_SIGNING_KEY_NEXT_B64: seed(2) })
    expect(await published()).toHaveLength(2)
    await roll({ CONSOLE_SIGNING_KEY_B64: seed(2), CONSOLE_SIGNING_KEY_PREVIOUS_B64: seed(1) })
    expect(await published()).toHaveLength(2)
    expect(await takes(old)).toEqual([200, 200])
    const fresh = await mint(at(0))
    await roll({ CONSOLE_SIGNING_KEY_B64: seed(2) })
    expect(await published()).toHaveLength(1)
    expect([await takes(fresh), await takes(old)]).toEqual([
      [200, 200],
      [401, 401],
    ])
    loading = false
    await load
    expect(refused).toEqual([])
    expect(passed).toBeGreaterThan(50)
  })

  it('keep a server from being ready whose key the others do not publish, and the others ready', async () => {
    const failing = async () => (await stranger.ask('GET /readyz')).body.failing
    await expect.poll(failing, soon).toEqual([{ name: 'signing_keys', code: 'kid_unpublished' }])
    for (const one of serving) expect((await one.ask('GET /readyz')).body).toMatchObject({ ok: true })
  })
})

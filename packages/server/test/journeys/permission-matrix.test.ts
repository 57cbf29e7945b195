import { feeds, operations } from '@quarterdeck/sdk/contract'
import type { Operation } from '@quarterdeck/sdk/operation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { browserAt, type TestBrowser } from './browser-of.ts'
import { invited, localOwner } from './people.ts'

const everyPermission = [
  ...new Set([...operations(), ...Object.values(feeds)].map(({ permission }) => permission)),
].filter((permission) => permission !== 'public' && !permission.endsWith(':self'))

const viewer = everyPermission.filter(
  (permission) => permission.endsWith(':read') && !['identity:read', 'secrets:read'].includes(permission),
)
const support = [...viewer, 'assistant:chat', 'assistant:approve-own', 'identity:read']
const developer = [
  ...support,
  'records:write',
  'telemetry:write',
  ...everyPermission.filter((permission) => permission.startsWith('functions:')),
]
const operator = [
  ...developer,
  ...everyPermission.filter((permission) => /^(releases|flags|secrets):/.test(permission)),
  'assistant:approve',
  'identity:tokens',
  'identity:breakGlass',
]

/** What each credential may, as the design's table of roles and classes says it; nobody else states it. */
const rights: Record<string, { class: string; permissions: readonly string[]; home: boolean }> = {
  anonymous: { class: 'anonymous', permissions: [], home: true },
  viewer: { class: 'operator', permissions: viewer, home: true },
  support: { class: 'operator', permissions: support, home: true },
  developer: { class: 'operator', permissions: developer, home: true },
  operator: { class: 'operator', permissions: operator, home: true },
  owner: { class: 'operator', permissions: everyPermission, home: true },
  producer: { class: 'producer', permissions: ['records:write', 'telemetry:write'], home: true },
  service: { class: 'service', permissions: ['records:read', 'identity:keys'], home: true },
  'service of another tenant': {
    class: 'service',
    permissions: [...developer, 'identity:tokens', 'identity:keys'],
    home: false,
  },
  user: { class: 'user', permissions: [], home: true },
}
const dead: Record<string, string> = {
  unknown: 'unauthenticated',
  expired: 'credential_expired',
  revoked: 'credential_revoked',
}

/** What the contract says becomes of a credential at an operation; null: it is let in. */
function verdict(operation: Operation, who: (typeof rights)[string]): string | null {
  if (operation.permission === 'public') return null
  if (who.class === 'anonymous') return 'unauthenticated'
  if (!operation.permission.endsWith(':self') && !who.permissions.includes(operation.permission))
    return 'forbidden'
  if (operation.home === true && !who.home) return 'home_only'
  if (operation.classes !== undefined && !operation.classes.includes(who.class as 'operator'))
    return 'class_not_accepted'
  return null
}

const refusals = new Set([
  'unauthenticated',
  'forbidden',
  'home_only',
  'class_not_accepted',
  'credential_expired',
  'credential_revoked',
  'not_built',
])

// These end what the rows after them need, and public ones are nobody's to refuse.
const ending = new Set(['identity.closeSession', 'identity.revokeOthers'])

describe('every operation, by every kind of credential', () => {
  let stage: Stage
  const headers = new Map<string, Record<string, string>>()
  const browsers = new Map<string, TestBrowser>()
  beforeAll(async () => {
    stage = await openStage({
      CONSOLE_AUTH_TOKEN: undefined,
      // Each request comes from an address of its own, so that no limit speaks before the gate.
      CONSOLE_TRUSTED_PROXIES: '127.0.0.1',
      CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
        {
          token: 'token-of-another-tenant',
          tenantId: 'other',
          label: 'o',
          scopes: rightsOf('service of another tenant'),
        },
        { token: 'token-of-yesterday', tenantId: 'default', label: 'y', expiresAt: '2020-01-01T00:00:00Z' },
      ]),
    })
    const owner = await localOwner(stage)
    browsers.set('owner', owner)
    for (const role of ['viewer', 'support', 'developer', 'operator'])
      browsers.set(role, await invited(stage, owner, `${role}@example.com`, role))
    const make = async (body: object) => {
      const { status, body: made } = await owner.ask('POST /identity/tokens', body)
      if (status !== 200) throw new Error(`no token: ${made.code}`)
      return made as unknown as { id: string; token: string }
    }
    const producers = [{ id: 'hello', product: 'hello' }]
    const bearer = (name: string, token: string) => headers.set(name, { authorization: `Bearer ${token}` })
    bearer('producer', (await make({ kind: 'producer', label: 'p', producers })).token)
    bearer('service', (await make({ kind: 'service', label: 's', scopes: rightsOf('service') })).token)
    const gone = await make({ kind: 'service', label: 'g', scopes: ['records:read'] })
    await owner.ask(`DELETE /identity/tokens/${gone.id}`)
    bearer('revoked', gone.token)
    bearer('expired', 'token-of-yesterday')
    bearer('unknown', `${gone.token.slice(0, -4)}AAAA`)
    bearer('service of another tenant', 'token-of-another-tenant')
    const minted = await owner.ask('POST /identity/mint', {
      class: 'user',
      subject: 'ann',
      groups: ['staff'],
    })
    bearer('user', minted.body.accessToken as string)
    browsers.set('anonymous', browserAt(stage.url))
  }, 60_000)
  afterAll(() => stage.stop())

  it.each(Object.keys(rights))('%s is let in to exactly what the contract allows', async (name) => {
    const who = rights[name] as (typeof rights)[string]
    const found: [string, string | null][] = []
    for (const operation of operations()) {
      if (ending.has(operation.name)) continue
      const { body } = await ask(operation, name)
      // OTLP refuses in its own form, a Status whose message begins with our code.
      const code = typeof body?.message === 'string' ? (body.message.split(':')[0] ?? '') : (body?.code ?? '')
      found.push([operation.name, refusals.has(code) ? code : null])
    }
    const expected = operations()
      .filter((operation) => !ending.has(operation.name))
      .map((operation) => [operation.name, verdict(operation, who)])
    // A sign-in without anything to sign in with is refused by its own handler, in the door's words.
    const own = (rows: (string | null)[][]) =>
      rows.filter(([operation]) => operation !== 'identity.openSession')
    expect(own(found)).toEqual(own(expected))
  })

  it.each(Object.entries(dead))(
    'a credential that is %s gets %s from all but public operations',
    async (name, code) => {
      for (const operation of operations()
        .filter(({ permission }) => permission !== 'public')
        .slice(0, 12)) {
        const answer = await ask(operation, name)
        expect([operation.name, answer.status, answer.body.code]).toEqual([operation.name, 401, code])
        expect(answer.headers.get('www-authenticate')).not.toBeNull()
      }
    },
  )

  it('has no route beside the contract and the few that stand outside of it', async () => {
    const owner = browsers.get('owner') as TestBrowser
    for (const path of ['/identity', '/auth', '/admin', '/operators', '/debug', '/identity/operators/x'])
      expect([path, (await owner.ask(`GET ${path}`)).status]).toEqual([path, 404])
    const served = stage.running.platform()?.bound.map(({ operation }) => operation.name)
    expect(served).toEqual(operations().map(({ name }) => name))
  })

  let asked = 0
  function ask(operation: Operation, name: string) {
    const [method = 'GET', pattern = '/'] = operation.route.split(' ')
    const path = pattern.replace(/:\w+/g, 'no-such-thing')
    const browser = browsers.get(name) ?? browserAt(stage.url)
    const body = method === 'GET' || method === 'DELETE' ? undefined : {}
    asked += 1
    const address = `10.1.${asked >> 8}.${asked & 255}`
    return browser.ask(`${method} ${path}`, body, { 'x-forwarded-for': address, ...headers.get(name) })
  }
})

function rightsOf(name: string): readonly string[] {
  return rights[name]?.permissions ?? []
}

import { randomBytes, randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { expect, it } from 'vitest'
import { memoryTables } from '../../../adapters/memory/tables.ts'
import { createStore, prepare } from '../store.ts'
import { newOperator } from './new-operator.ts'
import { resealFactors } from './reseal-factors.ts'
import { createTotp } from './totp.ts'

const first = 'ab'.repeat(32)
const second = 'cd'.repeat(32)

it('a factor made under the secret before works when that secret has been dropped', async () => {
  const tables = memoryTables({ now: () => 0, randomId: () => randomUUID() })
  await prepare(tables)
  const store = createStore({ tables })
  const under = (secret: string, secretPrevious: string | null) =>
    createTotp({
      secret,
      secretPrevious,
      now: () => 0,
      randomBytes: (size) => randomBytes(size),
      issuer: 'q',
    })
  const made = under(first, null).make('ann@example.com')
  const person = newOperator({
    email: 'ann@example.com',
    name: 'Ann',
    tenant: 'home',
    role: 'owner',
    invitedUntil: null,
    createdAt: 0,
  })
  await store.change(async (view) => view.set('operators', 'ann', { ...person, totp: made.sealed }))

  await resealFactors({ store, totp: under(second, first) })
  const sealed = (await store.view().get('operators', 'ann'))?.totp ?? ''
  const code = new TOTP({ secret: Secret.fromBase32(made.secret) }).generate({ timestamp: 0 })
  expect(under(second, null).stepOf(sealed, code)).toBe(0)
  expect(() => under(second, null).stepOf(made.sealed, code)).toThrow()
})

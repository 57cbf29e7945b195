import { expect, it } from 'vitest'
import { memoryTables } from '../../adapters/memory/tables.ts'
import { createStore, owner, prepare } from './store.ts'

async function world() {
  let id = 0
  const tables = memoryTables({ now: () => 0, randomId: () => `id-${++id}` })
  await prepare(tables)
  return { tables, store: createStore({ tables }) }
}

it('a session in the form of an earlier build is one that has ended, and hinders nobody', async () => {
  const { tables, store } = await world()
  const tx = tables.begin({ tenant: owner })
  tx.set('sessions', 'old', { credential: 'env-1', createdAt: 1, lastSeenAt: 1, endsAt: 9e15 }, owner)
  await tx.commit()
  expect(await store.view().get('sessions', 'old')).toMatchObject({ id: 'old', endsAt: 0, revokedAt: 0 })
  expect((await store.view().page('sessions', { limit: 10 })).rows).toHaveLength(1)
})

it('any other document that cannot be read is a failure, not nothing', async () => {
  const { tables, store } = await world()
  const tx = tables.begin({ tenant: owner })
  tx.set('operators', 'odd', { email: 'ann@example.com' }, owner)
  await tx.commit()
  await expect(store.view().get('operators', 'odd')).rejects.toThrow()
})

it('a change that another overtook runs again on what stands then', async () => {
  const { store } = await world()
  let runs = 0
  const raise = () =>
    store.change(async (view) => {
      runs += 1
      const guard = await view.get('guards', 'owners')
      await Promise.resolve()
      view.set('guards', 'owners', { changes: (guard?.changes ?? 0) + 1 })
    })
  await Promise.all([raise(), raise(), raise()])
  expect((await store.view().get('guards', 'owners'))?.changes).toBe(3)
  expect(runs).toBeGreaterThan(3)
})

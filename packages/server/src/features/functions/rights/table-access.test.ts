import { masked, perms, table } from '@quarterdeck/sdk/functions'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { member } from '../runtime.test-kit.ts'
import { createAccesses } from './table-access.ts'

const accounts = table('accounts', {
  schema: z.object({ name: z.string(), balance: masked(z.number(), perms.___, { lead: perms.RW_ }) }),
})
const groups = {
  lead: { endpoints: {}, tables: { accounts: perms.RWX } },
  desk: { endpoints: {}, tables: { accounts: perms.R__ } },
}

it('gives nobody what others hold whose groups are only written alike', () => {
  const accesses = createAccesses(groups, new Map([['accounts', accounts]]))
  const lent = {}
  const heldBy = (...names: string[]) => accesses(member('ann', ...names), lent)('accounts')
  expect(heldBy('lead', 'desk')).toMatchObject({ held: 7, hidden: [] })
  // Groups of an issuer are called whatever it likes.
  for (const name of ['["lead","desk"]', '["lead"]', 'lead,desk', 'lead\u0000desk', '[]', ''])
    expect(heldBy(name), name).toMatchObject({ held: 0, hidden: ['balance'] })
  expect(heldBy()).toMatchObject({ held: 0, hidden: ['balance'] })
})

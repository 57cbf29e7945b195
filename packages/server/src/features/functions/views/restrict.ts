import type { functions } from '@quarterdeck/sdk/contract/functions'
import { fault } from '@quarterdeck/sdk/errors'
import { bitsText } from '@quarterdeck/sdk/functions/perms'
import type { Handler, Shown } from '../../../core/perform.ts'
import type { Tables } from '../../../ports/tables.ts'
import type { LoadedApp } from '../loaded-app.ts'
import { findTable } from './table-views.ts'

type Restrict = (typeof functions)['restrict']

/** Sets what a table permits, and says what that would be. */
export function restricting(needs: {
  /** The app that runs now; null without one. */
  readonly app: () => LoadedApp | null
  readonly tables: Pick<Tables, 'permissions' | 'restrict'>
  /** Makes sure that the tenant has the app's tables; throws `not_migrated` where that is for `migrate` to do. */
  readonly prepared: (tenant: string) => Promise<void>
  /** Lets what is known of a tenant's tables in this process be read anew. */
  readonly forget: (tenant: string) => void
}): { handler: Handler<Restrict>; shown: Shown<Restrict> } {
  const { tables } = needs
  const find = (name: string) => findTable(needs.app(), name)
  return {
    async shown({ actor, input }) {
      const { name, permissions } = find(input.table)
      const from = (await tables.permissions(actor.tenant)).get(name) ?? permissions
      const to = input.permissions
      return {
        does: `Let the table ${name} permit ${bitsText(to)} to everybody, where it permits ${bitsText(from)} now`,
        word: name,
        table: name,
        from,
        to,
      }
    },
    async handler({ actor, input }) {
      const { name } = find(input.table)
      await needs.prepared(actor.tenant)
      const outcome = await tables.restrict(actor.tenant, name, input.permissions, {
        principal: actor.principal,
      })
      needs.forget(actor.tenant)
      if (outcome.state === 'unknown') throw fault('outcome_unknown')
      if (outcome.state === 'aborted') throw fault('not_found')
      return { table: name, permissions: input.permissions }
    },
  }
}

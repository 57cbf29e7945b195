import { fault } from '@quarterdeck/sdk/errors'
import { faultOf } from '../../../core/port-fault.ts'
import { type MigrateNeeds, migrateApp } from '../migrate/migrate-app.ts'
import type { Permitted } from '../rights/permitted.ts'

/** Makes sure that a tenant has what the app needs; a promise only at its first call in this process. */
export type PrepareTenant = (tenant: string) => void | Promise<void>

/**
 * Brings a tenant to the app at its first call. In hosted mode that is for `migrate up` to do, and a tenant that lacks a
 * table or a migration is told `not_migrated`.
 */
export function createPrepareTenant(
  needs: MigrateNeeds & { readonly permitted: Permitted; readonly hosted: boolean },
): PrepareTenant {
  const { app, tables, permitted, hosted } = needs
  const { manifest } = app
  const ready = new Set<string>()
  const preparing = new Map<string, Promise<void>>()

  async function check(tenant: string): Promise<void> {
    const there = await permitted.of(tenant)
    if (manifest.tables.some(({ name }) => !there.has(name))) throw fault('not_migrated')
    if (manifest.migrations.length === 0) return
    const done = await tables.migrations(tenant)
    if (manifest.migrations.some(({ id }) => !done.has(id))) throw fault('not_migrated')
  }

  async function prepare(tenant: string): Promise<void> {
    try {
      if (hosted) await check(tenant)
      else {
        await migrateApp(needs, tenant)
        permitted.forget(tenant)
      }
      ready.add(tenant)
    } catch (error) {
      throw faultOf(error)
    } finally {
      preparing.delete(tenant)
    }
  }

  return (tenant) => {
    if (ready.has(tenant) || (manifest.tables.length === 0 && manifest.migrations.length === 0)) return
    let under = preparing.get(tenant)
    if (under === undefined) {
      under = prepare(tenant)
      preparing.set(tenant, under)
    }
    return under
  }
}

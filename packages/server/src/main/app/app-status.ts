import type { Config } from '../../config/resolve.ts'
import { openApp } from './open-app.ts'
import { openTablesAlone } from './open-tables-alone.ts'
import { tenantsOf } from './tenants-of.ts'

/** A table or a migration of the app, of one tenant. `unknown`: applied by an app that this one does not know. */
export interface AppStep {
  readonly tenant: string
  readonly step: string
  readonly state: 'applied' | 'pending' | 'edited' | 'unknown'
}

/** How far each tenant is with the app; nothing without an app. */
export async function appStatus(config: Config): Promise<readonly AppStep[]> {
  const app = await openApp(config)
  if (app === null) return []
  const { tables, close } = openTablesAlone(config)
  try {
    const steps: AppStep[] = []
    for (const tenant of tenantsOf(config)) {
      const [there, applied] = await Promise.all([tables.permissions(tenant), tables.migrations(tenant)])
      for (const { name } of app.manifest.tables)
        steps.push({ tenant, step: `table ${name}`, state: there.has(name) ? 'applied' : 'pending' })
      for (const { id, checksum } of app.manifest.migrations) {
        const known = applied.get(id)
        const state = known === undefined ? 'pending' : known === checksum ? 'applied' : 'edited'
        steps.push({ tenant, step: id, state })
      }
      const own = new Set(app.manifest.migrations.map(({ id }) => id))
      for (const id of applied.keys()) if (!own.has(id)) steps.push({ tenant, step: id, state: 'unknown' })
    }
    return steps
  } finally {
    await close()
  }
}

import type { Actor } from '@quarterdeck/sdk/actor'
import { holds } from '@quarterdeck/sdk/actor'
import type { Marker } from '@quarterdeck/sdk/contract/telemetry-query'
import type { Log, Stored } from '../../ports/log.ts'

type Kind = Marker['kind']

/** Decisions that a chart shows, by operation and phase. */
const shown: Readonly<Record<string, Kind>> = {
  'releases.deploy.done': 'deploy',
  'releases.promoted.done': 'promotion',
  'releases.promote.done': 'promotion',
  'releases.rollback.done': 'rollback',
  'flags.flip.done': 'flag',
  'flags.guard.done': 'guard',
  'flags.kill.done': 'kill_switch',
  'flags.restore.done': 'kill_switch',
  'secrets.rotate.done': 'secret',
  'secrets.reseal.done': 'secret',
  'platform.migrate.done': 'migration',
}
const operations = [...new Set(Object.keys(shown).map((name) => name.slice(0, name.lastIndexOf('.'))))]
const most = 500

/**
 * The markers of a window, from the home tenant's decisions. Everybody sees that something happened and to which
 * surface; who belongs to home and may read the area sees which release, what it was about, and where it stands.
 */
export function createMarkers(needs: { readonly decisions: Log; readonly homeTenant: string }) {
  const { decisions, homeTenant } = needs
  return async (actor: Actor, from: number, to: number): Promise<Marker[]> => {
    const entries = await decisions.query(
      homeTenant,
      {
        filter: { from, to, where: [{ attribute: 'operation', in: operations }] },
        by: 'time',
        direction: 'asc',
        limit: most,
      },
      10_000,
    )
    return entries.flatMap((entry) => markerOf(entry, actor))
  }

  function markerOf(entry: Stored, actor: Actor): Marker[] {
    const operation = String(entry.attributes.operation)
    const kind = shown[`${operation}.${entry.attributes.phase}`]
    if (kind === undefined) return []
    const { payload } = JSON.parse(entry.payload) as {
      payload: { surface?: unknown; release?: unknown } | null
    }
    const surface = typeof payload?.surface === 'string' ? { surface: payload.surface } : {}
    const marker: Marker = { at: new Date(entry.occurredAt).toISOString(), kind, ...surface }
    const area = operation.slice(0, operation.indexOf('.'))
    if (actor.tenant !== homeTenant || !holds(actor, `${area}:read`)) return [marker]
    return [
      {
        ...marker,
        position: entry.position,
        ...(typeof payload?.release === 'string' ? { release: payload.release } : {}),
        ...(typeof entry.attributes.subject === 'string' ? { subject: entry.attributes.subject } : {}),
      },
    ]
  }
}

import type { Actor } from '@quarterdeck/sdk/actor'
import type { telemetry } from '@quarterdeck/sdk/contract/telemetry'
import type { Marker } from '@quarterdeck/sdk/contract/telemetry-query'
import { fault } from '@quarterdeck/sdk/errors'
import type { OutputOf, ParsedOf } from '@quarterdeck/sdk/operation'
import type { Log } from '../../ports/log.ts'
import type { LoadedDescriptors } from './descriptors.ts'
import { queryTelemetry } from './query.ts'
import { seriesOf } from './series.ts'
import { traceOf } from './trace.ts'
import type { Window } from './window.ts'

type Telemetry = typeof telemetry

/** The markers an actor may see, from (included) to (excluded), Unix ms. */
export type Markers = (actor: Actor, from: number, to: number) => Promise<readonly Marker[]>

/** Everything that is read of telemetry. The tenant is the actor's. */
export function telemetryReads(needs: {
  readonly log: Log
  readonly now: () => number
  readonly descriptors: () => LoadedDescriptors
  readonly markers: Markers
}) {
  const { log } = needs
  const present = () => ({ log, now: needs.now(), descriptors: needs.descriptors() })
  const markersFor = (actor: Actor) => (window: Window) => needs.markers(actor, window.from, window.to)
  return {
    query: (actor: Actor, input: ParsedOf<Telemetry['query']>): Promise<OutputOf<Telemetry['query']>> =>
      queryTelemetry(present(), actor.tenant, input, markersFor(actor)),
    series: (actor: Actor, input: ParsedOf<Telemetry['series']>): Promise<OutputOf<Telemetry['series']>> =>
      seriesOf(present(), actor.tenant, input, markersFor(actor)),
    async trace(actor: Actor, input: ParsedOf<Telemetry['trace']>): Promise<OutputOf<Telemetry['trace']>> {
      const spans = await traceOf(log, actor.tenant, input.id)
      if (spans.length === 0) throw fault('not_found')
      return { spans }
    },
    descriptors: async (_actor: Actor): Promise<OutputOf<Telemetry['descriptors']>> =>
      needs.descriptors().shown,
  }
}

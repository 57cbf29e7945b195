import type { Log } from '../../ports/log.ts'
import type { LoadedDescriptors } from './descriptors.ts'
import { facetsOf } from './facets.ts'
import { aggregatesOf, matching } from './matching.ts'
import { type MeasureName, measureBy } from './measures.ts'

/** A measure as checks and guards ask for it: the window ends now. */
export interface MeasureQuery {
  readonly measure: MeasureName
  readonly filter: readonly string[]
  readonly windowMs: number
}

/** One value over a window, and how many records it is made of. Without data the result is null. */
export async function measureTelemetry(
  needs: { readonly log: Log; readonly now: number; readonly descriptors: LoadedDescriptors },
  tenant: string,
  query: MeasureQuery,
): Promise<{ result: number | null; samples: number }> {
  const window = { from: needs.now + 1 - query.windowMs, to: needs.now + 1 }
  const head = await needs.log.head(tenant)
  const filter = matching(query, facetsOf(needs.descriptors.facets), window, head)
  const [measured] = await measureBy(aggregatesOf(needs.log, tenant), filter, query.measure, [])
  const samples = measured?.samples ?? 0
  return { result: samples === 0 ? null : (measured?.value ?? null), samples }
}

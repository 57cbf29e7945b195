import type { Meter } from '../meter.ts'
import type { Verdict } from './verdict.ts'

/** Counts a checked limit: admitted, refused, or decided by this process alone. */
export function countVerdict(meter: Meter, limitClass: string, { admitted, local }: Verdict): void {
  meter.add('limit_total', {
    class: limitClass,
    outcome: local ? 'local' : admitted ? 'admitted' : 'refused',
  })
}

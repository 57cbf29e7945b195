export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'idle'

const tones: Readonly<Record<Exclude<Tone, 'idle'>, readonly string[]>> = {
  good: [
    'completed',
    'passed',
    'pass',
    'verified',
    'approved',
    'matched',
    'derived',
    'available',
    'fresh',
    'accepted',
  ],
  bad: ['failed', 'fail', 'blocked', 'disputed', 'rejected', 'missing', 'invalid', 'unsupported'],
  warn: [
    'paused',
    'waiting',
    'needs_input',
    'review_pending',
    'stale',
    'requested',
    'routed_back',
    'expired',
    'open',
    'pending',
    'accepted_by_exception',
    'reclaimable',
    'ambiguous',
  ],
  info: ['running', 'proposed', 'assumed'],
}
const byStatus = new Map(
  Object.entries(tones).flatMap(([tone, statuses]) => statuses.map((status) => [status, tone as Tone])),
)

/** The colour of a status, the same on every page. One that is not listed is neither good nor bad. */
export function toneOf(status: string | null | undefined): Tone {
  return byStatus.get(status ?? '') ?? 'idle'
}

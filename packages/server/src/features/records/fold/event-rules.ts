import type { ArrayName } from '@quarterdeck/sdk/contract/record'

/** What an event of one type does to its subject. */
export interface EventRule {
  readonly array: ArrayName
  /** The status that the type gives when the record names none. */
  readonly status?: string
  /** It says something about the object and leaves its status, whatever else it names. */
  readonly keepsStatus?: true
  /** Only these bring a finished process back. */
  readonly reopens?: true
  /** It is also a decision of its own. */
  readonly decides?: true
}

const rules: Readonly<Record<string, EventRule>> = {
  'process.started': { array: 'processes', status: 'running', reopens: true },
  'process.progressed': { array: 'processes' },
  'process.paused': { array: 'processes', status: 'paused' },
  'process.resumed': { array: 'processes', status: 'running', reopens: true },
  'process.blocked': { array: 'processes', status: 'blocked' },
  'process.completed': { array: 'processes', status: 'completed' },
  'gate.opened': { array: 'gates', status: 'waiting' },
  'gate.passed': { array: 'gates', status: 'passed' },
  'gate.failed': { array: 'gates', status: 'failed' },
  'gate.routed_back': { array: 'gates', status: 'routed_back' },
  'gate.enriched': { array: 'gates', keepsStatus: true },
  'claim.status.changed': { array: 'claims' },
  'claim.freshness.changed': { array: 'claims' },
  'claim.reverification.requested': { array: 'claims' },
  'claim.reverification.completed': { array: 'claims' },
  'claim.dispute.resolved': { array: 'claims', decides: true },
  'review_item.opened': { array: 'reviewItems', status: 'open' },
  'review_item.updated': { array: 'reviewItems' },
  'review_item.approved': { array: 'reviewItems', status: 'approved', decides: true },
  'review_item.rejected': { array: 'reviewItems', status: 'rejected', decides: true },
  'decision.recorded': { array: 'decisions' },
  'action.requested': { array: 'actions', status: 'pending' },
  'action.completed': { array: 'actions', status: 'completed' },
  'exception.requested': { array: 'exceptions', status: 'requested' },
  'exception.accepted': { array: 'exceptions', status: 'accepted' },
  'exception.rejected': { array: 'exceptions', status: 'rejected' },
  'evidence.attached': { array: 'evidence', status: 'available' },
  'inquiry.resolved': { array: 'inquiries' },
  'inquiry.mapping.proposed': { array: 'inquiries', keepsStatus: true },
  'inquiry.mapping.reviewed': { array: 'inquiries', keepsStatus: true },
  'flow.pipeline.snapshot': { array: 'pipelines' },
}

const byType = new Map(Object.entries(rules))
const learning: EventRule = { array: 'learnings' }

/** The rule of an event type; null for those that only join the timeline. */
export function ruleOf(type: string): EventRule | null {
  return byType.get(type) ?? (type.startsWith('learning.') ? learning : null)
}

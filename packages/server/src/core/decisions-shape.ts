import type { LogShape } from '../ports/log.ts'

/** The decisions log: what the platform itself did. Its entries are chained by hash, tenant by tenant. */
export const decisionsShape: LogShape = {
  name: 'decisions',
  table: 'console_audit_log',
  columns: {
    operation: { type: 'text', required: true },
    phase: { type: 'text', required: true },
    actor_kind: { type: 'text', required: true },
    actor_id: { type: 'text', required: true },
    selected_env: { type: 'text', required: true },
    subject: { type: 'text' },
    intent_id: { type: 'text' },
    request_id: { type: 'text' },
  },
  open: false,
  indexes: [
    ['operation', 'position'],
    ['subject', 'position'],
    ['received_at', 'position'],
  ],
  chained: true,
}

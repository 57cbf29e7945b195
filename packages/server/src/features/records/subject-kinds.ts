import type { ArrayName } from '@quarterdeck/sdk/contract/record'

/** The kinds that producers name a subject by, for the objects of each array: its events are found under them. */
export const subjectKinds: Readonly<Record<ArrayName, readonly string[]>> = {
  processes: ['process', 'run', 'task'],
  gates: ['gate'],
  claims: ['claim'],
  reviewItems: ['review_item', 'reviewItem', 'review'],
  decisions: ['decision'],
  actions: ['action'],
  exceptions: ['exception'],
  evidence: ['evidence'],
  inquiries: ['inquiry'],
  learnings: ['learning'],
  pipelines: ['pipeline', 'run', 'process'],
}

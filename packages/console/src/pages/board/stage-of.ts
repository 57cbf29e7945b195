import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { text } from '../../parts/fields.ts'

export const stages = ['backlog', 'planning', 'in flight', 'verify', 'done'] as const
export type Stage = (typeof stages)[number]

const byStatus: Readonly<Record<string, Stage>> = {
  not_started: 'backlog',
  review_pending: 'verify',
  completed: 'done',
  failed: 'done',
  cancelled: 'done',
}

/** The column of a process: the stage it names, else the one its status implies. */
export function stageOf(process: StateObject): Stage {
  const named = text(process.stage)?.toLowerCase().replaceAll(/[_-]/g, ' ')
  return stages.find((stage) => stage === named) ?? byStatus[process.status ?? ''] ?? 'in flight'
}

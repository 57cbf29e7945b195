import { hash } from 'node:crypto'
import type { Actor } from '@quarterdeck/sdk/actor'
import { canonical } from '@quarterdeck/sdk/digest'
import { type Fault, fault } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { z } from 'zod'
import type { Keep, Kept } from '../ports/keep.ts'

const keptMs = 24 * 3_600_000
const aliveMs = 15_000
/** An answer longer than this is not kept for repeats. */
const maxAnswer = 262_144

const Entry = z.object({
  input: z.string(),
  /** The process that runs or ran it. */
  process: z.string(),
  state: z.enum(['running', 'done', 'spent']),
  /** The decision `asked`, where one was written. */
  decision: z.string().optional(),
  answer: z.unknown().optional(),
  /** The id that was made, where the answer held a secret. */
  id: z.string().optional(),
})
type Entry = z.output<typeof Entry>

/** Where repeats are remembered, and which process asks. */
export interface IdempotencyStore {
  readonly keep: Keep
  /** Names this run of this process. */
  readonly process: string
}

/** Says that this process lives, so that what it runs is not taken for lost. Called every few seconds. */
export async function sayAlive({ keep, process }: IdempotencyStore): Promise<void> {
  await keep.put(aliveKey(process), '1', aliveMs)
}

const aliveKey = (process: string) => `repeat/alive/${process}`

interface Repeatable {
  readonly operation: Operation
  readonly actor: Actor
  readonly key: string
  readonly input: unknown
  /** Counts a refusal and throws it. */
  readonly refuse: (error: unknown) => never
  /** What must be passed before it runs for the first time. */
  readonly admit: () => Promise<void>
  readonly run: (journaled: (decision: string) => void) => Promise<unknown>
}

/** Throws `invalid` unless it can be an idempotency key: 1 to 128 printable ASCII characters. */
export function checkKey(key: string): void {
  if (/^[\x20-\x7e]{1,128}$/.test(key)) return
  throw fault('invalid', undefined, {
    issues: [{ path: ['Idempotency-Key'], message: 'needs 1 to 128 printable ASCII characters' }],
  })
}

/** One effect and one answer for a write that is repeated under its key, by tenant, actor and operation, for a day. */
export function createIdempotency(store: IdempotencyStore): (call: Repeatable) => Promise<unknown> {
  const { keep, process } = store

  return async ({ operation, actor, key, input, refuse, admit, run }) => {
    try {
      checkKey(key)
    } catch (error) {
      return refuse(error)
    }
    const name = [actor.tenant, actor.class, actor.principal, operation.name, key]
      .map(encodeURIComponent)
      .join('/')
    const place = `repeat/key/${hash('sha256', name, 'hex')}`
    const said = hash('sha256', canonical(input), 'hex')
    const known = await keep.get(place)
    if (known !== null) {
      const entry = Entry.parse(JSON.parse(known.value))
      if (entry.input !== said) return refuse(fault('idempotency_mismatch'))
      if (entry.state === 'done') return entry.answer
      return refuse(await unfinished(entry))
    }
    await admit()
    const mine: Entry = { input: said, process, state: 'running' }
    await sayAlive(store)
    const first = await keep.compareAndSet(place, null, JSON.stringify(mine), keptMs)
    if (first === null) return refuse(fault('idempotency_in_progress'))
    let held: Kept = first

    const note = async (entry: Entry): Promise<void> => {
      held = (await keep.compareAndSet(place, held.version, JSON.stringify(entry), keptMs)) ?? held
    }
    let decision: string | undefined
    let noted: Promise<unknown> = Promise.resolve()
    let output: unknown
    try {
      output = await run((id) => {
        decision = id
        noted = note({ ...mine, decision: id }).catch(() => undefined)
      })
    } catch (error) {
      await noted
      // Refused or failed: the key is free for another try.
      await keep.delete(place, held.version).catch(() => false)
      throw error
    }
    await noted
    // The act is done whatever becomes of this note; without it a repeat hears that the outcome is not known.
    await note({
      ...mine,
      ...(decision === undefined ? {} : { decision }),
      ...answered(operation, output),
    }).catch(() => undefined)
    return output
  }

  async function unfinished(entry: Entry): Promise<Fault> {
    const decision = entry.decision === undefined ? {} : { decision: entry.decision }
    if (entry.state === 'spent') {
      return fault('idempotency_spent', undefined, {
        members: entry.id === undefined ? {} : { id: entry.id },
      })
    }
    const alive = entry.process === process || (await keep.get(aliveKey(entry.process))) !== null
    return alive
      ? fault('idempotency_in_progress')
      : fault('outcome_unknown', undefined, { status: 409, members: decision })
  }
}

function answered(operation: Operation, output: unknown): Pick<Entry, 'state' | 'answer' | 'id'> {
  const text = JSON.stringify(output) ?? 'null'
  if (operation.secretOutput !== true && text.length <= maxAnswer)
    return output === undefined ? { state: 'done' } : { state: 'done', answer: output }
  const id = (output as { id?: unknown } | undefined)?.id
  return typeof id === 'string' ? { state: 'spent', id } : { state: 'spent' }
}

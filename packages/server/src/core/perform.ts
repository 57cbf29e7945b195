import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { Operation, OutputOf, ParsedOf } from '@quarterdeck/sdk/operation'
import type { z } from 'zod'
import { gate, type SwitchedOff } from './gate.ts'
import type { Journal } from './journal.ts'

/** What a handler is given. */
export interface Call<O> {
  readonly actor: Actor
  readonly input: ParsedOf<O>
  readonly requestId: string
  /** Aborted when the caller is gone or its time ran out. */
  readonly signal: AbortSignal
  /** What the transport learned and the operation may answer with, such as a cookie to set. */
  readonly reply: Reply
}

/** What a transport that keeps browser sessions offers to the handlers of identity. */
export interface Reply {
  setSession?(session: { readonly token: string; readonly maxAgeSeconds: number }): void
  endSession?(): Promise<void>
  /** When the session that the call came with ends, Unix ms; null when it came with another credential. */
  sessionEndsAt?(): Promise<number | null>
}

export type Handler<O> = (call: Call<O>) => Promise<OutputOf<O>>

/** One handler for each operation of an area's contract. */
export type Handlers<Area> = { readonly [Verb in keyof Area]: Handler<Area[Verb]> }

/** How a call reached the door. */
export interface Asked {
  readonly actor: Actor
  /** Not parsed yet. A function is called only after the gate, so that nobody refused makes us read a body. */
  readonly input: unknown | (() => Promise<unknown>)
  readonly requestId: string
  readonly signal: AbortSignal
  readonly reply?: Reply
  /** Names the caller in counted refusals: the credential, or the address of one without. */
  readonly by: string
}

export type Perform = <O extends Operation>(
  operation: O,
  handler: Handler<O>,
  asked: Asked,
) => Promise<OutputOf<O>>

/** Makes the one door: gate, parse, record `asked`, run, record `done` or `failed`. */
export function createPerform(needs: {
  readonly journal: Journal
  readonly switchedOff: SwitchedOff
}): Perform {
  const { journal } = needs

  return async (operation, handler, { actor, input, requestId, signal, reply = {}, by }) => {
    const said = { actor, operation: operation.name, requestId }
    const refuse = (error: unknown): never => {
      if (error instanceof Fault) journal.refused({ ...said, by, code: error.code })
      throw error
    }
    let parsed: ParsedOf<typeof operation>
    try {
      gate(needs, operation, actor)
      const given = typeof input === 'function' ? await (input as () => Promise<unknown>)() : input
      parsed = parse(operation.input, given) as ParsedOf<typeof operation>
    } catch (error) {
      return refuse(error)
    }
    const call = { actor, input: parsed, requestId, signal, reply }
    if (operation.effect === 'read' || operation.dataPlane) {
      // Who may ask without a credential brings one in the input, and can be refused for it.
      return operation.permission === 'public' ? handler(call).catch(refuse) : handler(call)
    }
    const intentId = await journal.write({ ...said, phase: 'asked', payload: { input: parsed } })
    let output: OutputOf<typeof operation>
    try {
      output = await handler(call)
    } catch (error) {
      const code = error instanceof Fault ? error.code : 'internal'
      // What failed is the answer, also when that cannot be recorded: an intent without an end shows by itself.
      await journal.write({ ...said, phase: 'failed', intentId, payload: { code } }).catch(() => undefined)
      throw error
    }
    await journal.write({ ...said, phase: 'done', intentId })
    return output
  }
}

/** Parses an input by its schema; what does not match is `invalid` with every issue. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const issues = result.error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map((part) => (typeof part === 'number' ? part : String(part))),
    message: issue.message,
  }))
  throw fault('invalid', undefined, { issues })
}

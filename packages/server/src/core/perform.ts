import type { Actor } from '@quarterdeck/sdk/actor'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import type { Operation, OutputOf, ParsedOf } from '@quarterdeck/sdk/operation'
import type { z } from 'zod'
import { gate, type SwitchedOff } from './gate.ts'
import { checkKey, createIdempotency, type IdempotencyStore } from './idempotency.ts'
import type { Journal } from './journal.ts'
import type { Proofs } from './proof.ts'
import type { Tracer } from './tracer.ts'

/** What a handler is given. */
export interface Call<O> {
  readonly actor: Actor
  readonly input: ParsedOf<O>
  readonly requestId: string
  /** Aborted when the caller is gone or its time ran out. */
  readonly signal: AbortSignal
  /** Where the call came from. */
  readonly from: From
  /** Of a write that looks after repeats itself (`repeats: 'own'`); 1 to 128 printable ASCII characters. */
  readonly idempotencyKey?: string
  /** What the answer can carry beside the output, where the transport has a place for it. */
  readonly reply: Reply
}

/** Where a call came from, as far as its transport knows. */
export interface From {
  /** The client's address; empty within the process. */
  readonly address: string
  /** How the client names itself, at most 200 characters. */
  readonly client: string
  /** The page's origin, where a browser said one. */
  readonly origin: string | null
  /** The transaction that the call belongs to (`X-Session-Id`). */
  readonly sessionId?: string
  /** How long the caller waits for an answer, ms (`x-deadline-ms`); as it was sent. */
  readonly deadlineMs?: string
  /** Of the trace that the call is part of. */
  readonly traceId?: string
  cookie(name: CookieName): string | null
}

/** Within the process: no address, no cookies. */
export const fromHere: From = { address: '', client: '', origin: null, cookie: () => null }

/** The cookies there are: the session, the browser that asked for a link, and a login at an issuer under way. */
export type CookieName = 'session' | 'link' | 'login'

/** What a transport can add to an answer. */
export interface Reply {
  /** Null removes the cookie. */
  setCookie?(
    name: CookieName,
    cookie: { readonly value: string; readonly maxAgeSeconds: number } | null,
  ): void
  /** Sends a browser elsewhere: an absolute URL, or a path of ours. */
  redirect?(to: string): void
  /** How long the answer may be kept by anybody, seconds. */
  cacheFor?(seconds: number): void
  /** Answers this instead of the output; the headers of the answer that keep browsers safe stay. */
  raw?(answer: RawAnswer): void
}

/** An answer as it is sent. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

export type Handler<O> = (call: Call<O>) => Promise<OutputOf<O>>

/**
 * What a call would do, said to the person who is asked for a proof: pure, cheap and without secrets. Null: this call
 * needs none, where the operation leaves that to it (`perCall`).
 */
export type Shown<O> = (call: Pick<Call<O>, 'actor' | 'input'>) => Promise<ShownDoc | null> | ShownDoc | null

/** `does` is one sentence, `word` what must be typed where that differs by call; the rest is what the sentence stands for. */
export type ShownDoc = { readonly does: string; readonly word?: string } & Readonly<Record<string, unknown>>

/** One handler for each operation of an area's contract. */
export type Handlers<Area> = { readonly [Verb in keyof Area]: Handler<Area[Verb]> }

/** What operations with a proof show, by verb. */
export type Showing<Area> = { readonly [Verb in keyof Area]?: Shown<Area[Verb]> }

/** An operation with what runs it. */
export interface Bound<O extends Operation = Operation> {
  readonly operation: O
  readonly handler: Handler<O>
  /** Needed where the operation declares a proof. */
  readonly shown?: Shown<O>
}

/** How a call reached the door. */
export interface Asked {
  readonly actor: Actor
  /** Not parsed yet. A function is called only after the gate, so that nobody refused makes us read a body. */
  readonly input: unknown | (() => Promise<unknown>)
  readonly requestId: string
  readonly signal: AbortSignal
  readonly from?: From
  readonly reply?: Reply
  /** What `POST /identity/proofs` gave for this call. */
  readonly proof?: string
  /** Makes a repeated write have one effect and one answer. */
  readonly idempotencyKey?: string
  /** Names the caller in counted refusals: the credential, or the address of one without. */
  readonly by: string
}

export type Perform = <O extends Operation>(bound: Bound<O>, asked: Asked) => Promise<OutputOf<O>>

/**
 * Makes the one door: gate, parse, repeats, proof, record `asked`, run, record `done` or `failed`. Nothing runs an
 * operation but this.
 */
export function createPerform(needs: {
  readonly journal: Journal
  readonly switchedOff: SwitchedOff
  readonly homeTenant: string
  readonly proofs: Proofs
  readonly repeats: IdempotencyStore
  readonly tracer: Tracer
}): Perform {
  const { journal, proofs, tracer } = needs
  const once = createIdempotency(needs.repeats)

  return async ({ operation, handler, shown }, asked) => {
    const { actor, requestId, signal, by, proof, idempotencyKey } = asked
    const { from = fromHere, reply = {} } = asked
    const said = { actor, operation: operation.name, requestId }
    const refuse = (error: unknown): never => {
      if (error instanceof Fault && error.code !== 'proof_required')
        journal.refused({ ...said, by, code: error.code })
      throw error
    }

    const handle = (call: Call<typeof operation>) =>
      tracer.span(operation.name, spanOf(operation), () => handler(call))

    async function run(call: Call<typeof operation>, journaled: (id: string) => void) {
      if (!isJournaled(operation, actor)) {
        // Who may ask without a credential brings one in the input, and can be refused for it. Ingest counts by record.
        return operation.permission === 'public' ||
          (operation.effect !== 'read' && operation.limit !== 'ingest')
          ? handle(call).catch(refuse)
          : handle(call)
      }
      const payload = { input: withoutSecrets(operation, call.input) }
      const intentId = await journal.write({ ...said, phase: 'asked', payload })
      journaled(intentId)
      let output: OutputOf<typeof operation>
      try {
        output = await handle(call)
      } catch (error) {
        const code = error instanceof Fault ? error.code : 'internal'
        // What failed is the answer, also when that cannot be recorded: an intent without an end shows by itself.
        await journal.write({ ...said, phase: 'failed', intentId, payload: { code } }).catch(() => undefined)
        throw error
      }
      await journal.write({ ...said, phase: 'done', intentId })
      return output
    }

    try {
      gate(needs, operation, actor)
    } catch (error) {
      return refuse(error)
    }
    const call = await read().catch(refuse)
    if (idempotencyKey === undefined || operation.effect === 'read' || operation.repeats === 'own') {
      await prove().catch(refuse)
      return run(call, () => undefined)
    }
    return once({
      operation,
      actor,
      key: idempotencyKey,
      input: call.input,
      refuse,
      admit: prove,
      run: (journaled) => run(call, journaled),
    }) as Promise<OutputOf<typeof operation>>

    async function read(): Promise<Call<typeof operation>> {
      const given =
        typeof asked.input === 'function' ? await (asked.input as () => Promise<unknown>)() : asked.input
      const input = parse(operation.input, given) as ParsedOf<typeof operation>
      const call = { actor, input, requestId, signal, from, reply }
      if (operation.repeats !== 'own' || idempotencyKey === undefined) return call
      checkKey(idempotencyKey)
      return { ...call, idempotencyKey }
    }

    async function prove(): Promise<void> {
      if (operation.proof === undefined) return
      if (shown === undefined) throw fault('not_built', `${operation.name} cannot say what it would do`)
      const doc = await shown(call)
      if (doc !== null) await proofs.demand({ operation, actor, input: call.input, shown: doc, proof })
      else if (operation.proof.perCall !== true)
        throw fault('not_built', `${operation.name} cannot say what it would do`)
    }
  }
}

const spans = new WeakMap<Operation, Readonly<Record<string, string>>>()

/** What spans say of an operation: made once. */
function spanOf(operation: Operation): Readonly<Record<string, string>> {
  let said = spans.get(operation)
  if (said === undefined) {
    said = { 'quarterdeck.operation': operation.name, 'quarterdeck.effect': operation.effect }
    spans.set(operation, said)
  }
  return said
}

function isJournaled(operation: Operation, actor: Actor): boolean {
  if (operation.journaled === 'all') return true
  return operation.journaled === 'operators' && actor.class === 'operator'
}

/** An input as a journal may hold it. */
function withoutSecrets(operation: Operation, input: unknown): unknown {
  if (operation.secretInput.length === 0 || typeof input !== 'object' || input === null) return input
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      operation.secretInput.includes(name) ? '[redacted]' : value,
    ]),
  )
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

import type { FunctionDefinition } from './backend.ts'
import type { HttpAnswer } from './http.ts'

/**
 * What `quarterdeck build` writes as `app` into `dist/client`: which functions there are, as data, and their types. `Modules`
 * are the modules of the functions, joined by `&`; `Name` are the functions that can be called, `Live` those of them
 * that can be followed:
 *
 * `ClientApp<typeof import('../../functions/desk.ts') & typeof import('../../functions/people.ts'), 'openTicket' | 'board', 'board'>`
 */
export interface ClientApp<
  Modules = Record<string, FunctionDefinition>,
  Name extends PropertyKey = FunctionNames<Modules>,
  Live extends PropertyKey = Name,
> {
  readonly functions: Readonly<Record<string, ClientFunction>>
  /** Only in types. */
  readonly types?: { readonly modules: Modules; readonly name: Name; readonly live: Live }
}

/** What a client knows of a function while it runs. */
export interface ClientFunction {
  readonly writes: boolean
  readonly live: boolean
}

/** The names under which modules export functions. */
export type FunctionNames<Modules> = {
  readonly [Name in keyof Modules]: Modules[Name] extends FunctionDefinition<infer _Args, infer _Output>
    ? Name
    : never
}[keyof Modules]

/** What a function takes, as it is written in code: dates, bigints and bytes are sent as text. */
export type ArgsOf<Definition> =
  Definition extends FunctionDefinition<infer Args, infer _> ? OptionalEnd<Args> : never

/** What a function gives, as it arrives. */
export type AnswerOf<Definition> =
  Definition extends FunctionDefinition<infer _, infer Output> ? Arriving<Output> : never

/** An answer that a function gave as it is. `body` is text where its media type is one of text, JSON or XML. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The value as JSON carries it: dates, bigints and bytes are text, what is undefined is not there. */
export type Arriving<Value> = unknown extends Value
  ? Value
  : Value extends HttpAnswer
    ? RawAnswer
    : Value extends Date | bigint | Uint8Array
      ? string
      : Value extends void
        ? undefined
        : Value extends string | number | boolean | null
          ? Value
          : Value extends { toJSON(): infer Told }
            ? Arriving<Told>
            : Value extends readonly unknown[]
              ? { [At in keyof Value]: ArrivingItem<Value[At]> }
              : Value extends object
                ? ArrivingObject<Value>
                : never

/** An item of a list cannot be left out: what is undefined becomes null. */
type ArrivingItem<Value> = undefined extends Value
  ? Arriving<Exclude<Value, undefined>> | null
  : Arriving<Value>

type ArrivingObject<Value> = Flat<
  {
    [Key in keyof Value as Key extends string
      ? undefined extends Value[Key]
        ? never
        : Sent<Key, Value[Key]>
      : never]: Arriving<Value[Key]>
  } & {
    [Key in keyof Value as Key extends string
      ? undefined extends Value[Key]
        ? Sent<Key, Value[Key]>
        : never
      : never]?: Arriving<Exclude<Value[Key], undefined>>
  }
>

type Flat<Value> = { [Key in keyof Value]: Value[Key] }

type Sent<Key, Value> = Value extends (...args: never[]) => unknown ? never : Key

/** Arguments at the end that may be undefined may be left out. */
type OptionalEnd<Args extends readonly unknown[]> = Args extends readonly [...infer Rest, infer Last]
  ? undefined extends Last
    ? [...OptionalEnd<Rest>, Last?]
    : [...Args]
  : [...Args]

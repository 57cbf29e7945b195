/** What a span says beside its name. No ids of people, no content, no query strings. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** An act while it lasts. */
export interface Span {
  /** Adds what became known meanwhile. */
  set(attributes: SpanAttributes): void
}

/** Tells how long acts take, and which lies within which. What spans say passes the redactor. */
export interface Tracer {
  /** Runs an act within a span of this name; what it throws ends the span as failed. */
  span<Result>(
    name: string,
    attributes: SpanAttributes,
    run: (span: Span) => Promise<Result>,
  ): Promise<Result>
}

/** Tells nothing. */
export const noTracer: Tracer = { span: (_name, _attributes, run) => run({ set() {} }) }

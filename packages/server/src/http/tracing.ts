import type { IncomingHttpHeaders } from 'node:http'
import type { Redactor } from '../core/redact.ts'
import { noTracer, type Span, type Tracer } from '../core/tracer.ts'
import { readTraceparent, writeTraceparent } from './traceparent.ts'

/** Where spans go. */
export interface TracingSettings {
  /** A collector that takes OTLP over HTTP, without `/v1/traces`. */
  readonly otel: {
    readonly enabled: boolean
    readonly serviceName: string
    readonly endpoint: string | null
    readonly headers?: Readonly<Record<string, string>>
  }
  /** LangSmith, which gets the spans of models and tools alone; without `/otel/v1/traces`. */
  readonly langsmith: {
    readonly enabled: boolean
    readonly apiKey: string | null
    readonly endpoint: string
    readonly project: string
  }
}

/** A request while it is answered. */
export interface RequestSpan extends Span {
  /** What calls made for it send as `traceparent`; null: it came without a trace, and none is told. */
  readonly traceparent: string | null
  /** How it was answered; `code` names a refusal or failure. */
  answered(status: number, code?: string): void
}

/** The spans of this process: a request, the operation within it, and within that models, tools and mail. */
export interface Tracing extends Tracer {
  /** Runs a request within a span. `route` is the template, never the path that was called. */
  traceRequest<Result>(
    headers: IncomingHttpHeaders,
    asked: { readonly method: string; readonly route: string },
    run: (span: RequestSpan) => Promise<Result>,
  ): Promise<Result>
  /** The headers that an outbound call made now carries on. */
  outgoing(): Readonly<Record<string, string>>
  /** Sends what waits, then ends. Resolves within about ten seconds, whether or not anybody took it. */
  shutdown(): Promise<void>
}

export interface TracingNeeds {
  readonly settings: TracingSettings
  readonly version: string
  readonly environment: string
  readonly redact: Pick<Redactor, 'value' | 'text'>
  /** Something for the log, such as a collector that is away. At most once a minute for each. */
  readonly report: (what: string) => void
  readonly now: () => number
  /** How long spans wait for others before they are sent, ms. */
  readonly everyMs?: number
}

/** Makes the tracing. Where nothing is sent it costs next to nothing, and its libraries are not even loaded. */
export async function createTracing(needs: TracingNeeds): Promise<Tracing> {
  const { otel, langsmith } = needs.settings
  if (!otel.enabled && !langsmith.enabled) return noTracing
  return (await import('./tracing-spans.ts')).createSpans(needs)
}

/** Makes no spans, and hands on the trace that a request came with. */
export const noTracing: Tracing = {
  ...noTracer,
  traceRequest: (headers, _asked, run) =>
    run({
      get traceparent() {
        const parent = readTraceparent(headers.traceparent)
        return parent === null ? null : writeTraceparent(parent)
      },
      set() {},
      answered() {},
    }),
  outgoing: () => ({}),
  shutdown: async () => undefined,
}

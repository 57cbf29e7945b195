import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  createTraceState,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { Fault } from '@quarterdeck/sdk/errors'
import type { Span, SpanAttributes } from '../core/tracer.ts'
import { readTraceparent, writeTraceparent } from './traceparent.ts'
import type { RequestSpan, Tracing, TracingNeeds } from './tracing.ts'
import { createProvider } from './tracing-provider.ts'

/** Makes the tracing that sends its spans. Nothing of it is global: two servers of one process keep apart. */
export function createSpans(needs: TracingNeeds): Tracing {
  const { redact } = needs
  const provider = createProvider(needs)
  const tracer = provider.getTracer('quarterdeck', needs.version)
  const place = new AsyncLocalStorage<Context>()

  function begin(name: string, kind: SpanKind, attributes: SpanAttributes, parent: Context) {
    const said = clean(attributes)
    const span = tracer.startSpan(redact.text(name), { kind, attributes: said }, parent)
    return { span, within: trace.setSpan(parent, span) }
  }

  async function during<Result>(
    span: OtelSpan,
    within: Context,
    run: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await place.run(within, run)
    } catch (error) {
      // What was thrown may hold anything; its name is enough.
      const type = error instanceof Fault ? error.code : error instanceof Error ? error.name : 'unknown'
      span.setAttribute('error.type', type)
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  }

  const clean = (attributes: SpanAttributes) =>
    Object.fromEntries(
      Object.entries(redact.value(attributes)).map(([name, value]) => [
        name,
        typeof value === 'object' ? [...value] : value,
      ]),
    )
  const settable = (span: OtelSpan): Span => ({
    set: (attributes) => void span.setAttributes(clean(attributes)),
  })

  return {
    async traceRequest(headers, { method, route }, run) {
      const parent = readTraceparent(headers.traceparent)
      const { tracestate: state } = headers
      const outside =
        parent === null
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.flags,
              isRemote: true,
              ...(state === undefined ? {} : { traceState: createTraceState(String(state)) }),
            })
      const attributes = { 'http.request.method': method, 'http.route': route }
      const { span, within } = begin(`${method} ${route}`, SpanKind.SERVER, attributes, outside)
      const asked: RequestSpan = {
        ...settable(span),
        traceparent: writeTraceparent(placeOf(span)),
        answered(status, code) {
          span.setAttribute('http.response.status_code', status)
          if (code !== undefined) span.setAttribute('error.type', code)
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        },
      }
      return during(span, within, () => run(asked))
    },
    span(name, attributes, run) {
      const { span, within } = begin(name, SpanKind.INTERNAL, attributes, place.getStore() ?? ROOT_CONTEXT)
      return during(span, within, () => run(settable(span)))
    },
    outgoing() {
      const here = trace.getSpan(place.getStore() ?? ROOT_CONTEXT)
      if (here === undefined) return {}
      const state = here.spanContext().traceState?.serialize() ?? ''
      return {
        traceparent: writeTraceparent(placeOf(here)),
        ...(state === '' ? {} : { tracestate: state }),
      }
    },
    // Who goes down waits for nobody who is away.
    shutdown: () => provider.shutdown().catch(() => undefined),
  }
}

function placeOf(span: OtelSpan) {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return { traceId, spanId, flags: traceFlags }
}

import { trace } from '@opentelemetry/api'
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer, TraceExporterMetricsHelper } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import type { TracingNeeds } from './tracing.ts'

const timeoutMs = 5_000
/** Spans that wait at most; further ones are dropped, as a collector that is away must cost no memory. */
const maxWaiting = 2_048

/** Makes what keeps spans until they are sent: all of them to the collector, those of models and tools to LangSmith. */
export function createProvider(needs: TracingNeeds): BasicTracerProvider {
  const { otel, langsmith } = needs.settings
  const processors: SpanProcessor[] = []
  if (otel.enabled && otel.endpoint !== null) {
    const url = `${otel.endpoint.replace(/\/+$/, '')}/v1/traces`
    processors.push(batched(needs, 'the collector', exporter(url, otel.headers ?? {})))
  }
  if (langsmith.enabled && langsmith.apiKey !== null) {
    const url = `${langsmith.endpoint.replace(/\/+$/, '')}/otel/v1/traces`
    const headers = { 'x-api-key': langsmith.apiKey, 'Langsmith-Project': langsmith.project }
    processors.push(ofModels(batched(needs, 'LangSmith', exporter(url, headers))))
  }
  return new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': otel.serviceName,
      'service.version': needs.version,
      'deployment.environment.name': needs.environment,
    }),
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanLimits: { attributeCountLimit: 64, attributeValueLengthLimit: 4_096 },
    spanProcessors: processors,
  })
}

/**
 * Sends spans as OTLP/HTTP protobuf. Every option is said, since the library's own exporter would fill them up from the
 * environment and so send the collector's headers to LangSmith as well.
 */
function exporter(url: string, headers: Readonly<Record<string, string>>): SpanExporter {
  const delegate = createOtlpHttpExportDelegate(
    {
      url,
      headers: async () => ({ ...headers, 'Content-Type': 'application/x-protobuf' }),
      timeoutMillis: timeoutMs,
      concurrencyLimit: 4,
      compression: 'none',
      agentFactory: httpAgentFactoryFromOptions({ keepAlive: true }),
    },
    ProtobufTraceSerializer,
    'otlp_http_span_exporter',
    TraceExporterMetricsHelper,
    undefined,
  )
  return new OTLPExporterBase<ReadableSpan[]>(delegate)
}

function batched({ report, now, everyMs }: TracingNeeds, to: string, inner: SpanExporter): SpanProcessor {
  let told = Number.NEGATIVE_INFINITY
  const away = () => {
    if (now() - told < 60_000) return
    told = now()
    report(`spans could not be sent to ${to}`)
  }
  const reporting: SpanExporter = {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        if (result.code !== 0) away()
        done(result)
      }),
    shutdown: () => inner.shutdown(),
  }
  return new BatchSpanProcessor(reporting, {
    maxQueueSize: maxWaiting,
    maxExportBatchSize: 512,
    scheduledDelayMillis: everyMs ?? 2_000,
    exportTimeoutMillis: timeoutMs,
  })
}

const isOfModel = (span: Pick<ReadableSpan, 'attributes'>) =>
  Object.keys(span.attributes).some((name) => name.startsWith('gen_ai.'))

/** Lets through what models and tools did. The first of them in a trace begins it there, as its parent stays here. */
function ofModels(inner: SpanProcessor): SpanProcessor {
  const models = new WeakSet<object>()
  const within = new WeakSet<object>()
  return {
    onStart(span, parentContext) {
      const parent = trace.getSpan(parentContext)
      if (isOfModel(span)) models.add(span)
      if (parent !== undefined && models.has(parent)) within.add(span)
      inner.onStart(span, parentContext)
    },
    onEnd(span) {
      if (!isOfModel(span)) return
      inner.onEnd(within.has(span) ? span : Object.create(span, { parentSpanContext: { value: undefined } }))
    },
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  }
}

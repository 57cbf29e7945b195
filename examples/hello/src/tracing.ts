import { register } from 'node:module'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NodeSDK } from '@opentelemetry/sdk-node'

// Modules that are imported, not required, are instrumented through this hook.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

// Loaded before anything else, so that the HTTP module is instrumented. Spans go straight to the console's OTLP door.
const url = process.env.QUARTERDECK_URL ?? 'http://127.0.0.1:3000'
const sdk = new NodeSDK({
  serviceName: 'hello',
  traceExporter: new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    headers: { authorization: `Bearer ${process.env.QUARTERDECK_TOKEN ?? ''}` },
  }),
  instrumentations: [
    // The calls that carry telemetry are not telemetry.
    new HttpInstrumentation({
      ignoreOutgoingRequestHook: ({ port, host }) =>
        `http://${host}:${port}` === url || `${port}` === new URL(url).port,
    }),
  ],
})
sdk.start()
process.once('beforeExit', () => void sdk.shutdown())

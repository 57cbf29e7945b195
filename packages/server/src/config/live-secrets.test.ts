import { expect, it } from 'vitest'
import { liveSecrets } from './live-secrets.ts'
import { resolveConfig } from './resolve.ts'

it('the live secrets of a configuration are its secret values and what stands within them', () => {
  const secrets = liveSecrets(
    resolveConfig({
      env: {
        CONSOLE_AUTH_TOKENS_JSON: '[{"token":"token-in-json","tenantId":"default","label":"label-in-json"}]',
        CONSOLE_API_KEYS: 'first-key,second-key',
        CONSOLE_REDIS_URL: 'redis://:pass%2Fword@redis',
        CONSOLE_OAUTH_ISSUERS_JSON:
          '[{"issuer":"https://a.example.com","audience":"b","tenantClaim":"t","clientId":"c","clientSecret":"client-secret"}]',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-key=header%20value',
        CONSOLE_METRICS_TOKEN: 'metrics-token',
        CONSOLE_CLAIM_CODE: 'claim-code',
        CONSOLE_APP_NAME: 'no-secret-at-all',
      },
      version: '0.1.0',
      readFile: () => '',
      isFolder: () => false,
    }),
  )
  for (const secret of [
    'token-in-json',
    'first-key',
    'second-key',
    'pass/word',
    'pass%2Fword',
    'client-secret',
    'header value',
    'metrics-token',
    'claim-code',
  ])
    expect(secrets).toContain(secret)
  expect(secrets.filter((one) => /label-in-json$|no-secret/.test(one))).toEqual([])
  expect(secrets.map((one) => one.length)).toEqual(secrets.map((one) => one.length).sort((a, b) => b - a))
})

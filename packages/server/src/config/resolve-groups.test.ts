import { describe, expect, it } from 'vitest'
import { type Config, inspectConfig, resolveConfig } from './resolve.ts'

type Env = Record<string, string | undefined>
const secret = Array.from({ length: 32 }, (_, n) => (n * 7 + 1).toString(16).padStart(2, '0')).join('')
const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const hosted = {
  CONSOLE_RUNTIME_MODE: 'hosted',
  CONSOLE_ENVIRONMENT: 'production',
  CONSOLE_PUBLIC_ORIGIN: 'https://console.example.com',
  CONSOLE_TELEMETRY_STORAGE: 'postgres',
  CONSOLE_DATABASE_URL: 'postgres://user:password@db/x',
  CONSOLE_SECRET: secret,
}
const needs = (env: Env) => ({
  env,
  version: '0.1.0',
  readFile(): string {
    throw new Error('no such file')
  },
  isFolder: () => false,
})
const config = (env: Env): Config => resolveConfig(needs(env))
const problems = (env: Env) => inspectConfig(needs(env)).problems
const faults = (env: Env) => problems(env).map(({ code, setting }) => `${code} ${setting}`)
const longKey = (n: number) => String(n).repeat(32)

describe('what nobody sets', () => {
  it('is as the table says', () => {
    expect(config({})).toMatchObject({
      edge: {
        publicOrigin: null,
        allowedHosts: [],
        allowedOrigins: [],
        cors: { credentials: false, methods: null, headers: null, maxAgeSeconds: 600 },
        trustedProxies: [],
        apiKeyHeader: 'x-api-key',
        apiKeyQuery: null,
        bypassPaths: ['/health', '/ready', '/openapi.json'],
        maxBody: 1_048_576,
        requestTimeoutMs: 30_000,
        maxConnections: 4_096,
        drainDelayMs: 5_000,
      },
      limits: {
        enabled: true,
        strategy: 'moving-window',
        onStoreFailure: 'local',
        redisUrl: null,
        classes: {
          chat: [{ count: 10, windowMs: 60_000 }],
          ingest: [{ count: 6_000, windowMs: 60_000 }],
          default: [
            { count: 600, windowMs: 60_000 },
            { count: 20_000, windowMs: 3_600_000 },
          ],
        },
        tiers: {},
      },
      apiKeys: [],
      signingKeys: null,
      oauth: [],
      claimCode: null,
      smtp: null,
      jwksUrl: null,
      metrics: { enabled: true, host: '127.0.0.1', port: 9_090, path: '/metrics', token: null },
      otel: { enabled: false, serviceName: 'quarterdeck', endpoint: null, headers: {} },
      langsmith: { enabled: false, apiKey: null, endpoint: 'https://api.smith.langchain.com' },
      logLevel: 'info',
    })
  })
})

describe('a value', () => {
  it.each([
    ['1 MiB', 1_048_576],
    ['1048576', 1_048_576],
    ['1.5mb', 1_500_000],
    ['64KiB', 65_536],
  ])('of a size can be written %s', (text, bytes) => {
    expect(config({ CONSOLE_MAX_BODY_SIZE: text }).edge.maxBody).toBe(bytes)
  })

  it.each([
    ['30s', 30_000],
    ['5 s', 5_000],
    ['7', 7_000],
    ['250ms', 250],
    ['2 min', 120_000],
    ['1h', 3_600_000],
  ])('of a time can be written %s', (text, ms) => {
    expect(config({ CONSOLE_REQUEST_TIMEOUT: text }).edge.requestTimeoutMs).toBe(ms)
  })

  it.each([
    ['a,b', ['a', 'b']],
    [' a , b ,', ['a', 'b']],
    ['["a", "b"]', ['a', 'b']],
    ['a\nb\n', ['a', 'b']],
    ['[]', []],
    ['', []],
  ])('of a list can be written %j', (text, items) => {
    expect(config({ CONSOLE_REDACT_KEYS: text }).redactKeys).toEqual(items)
  })

  it('of a closed choice is known in any case, and by the words of other systems', () => {
    expect(config({ CONSOUL_LOG_LEVEL: 'DEBUG' }).logLevel).toBe('debug')
    expect(config({ CONSOUL_LOG_LEVEL: 'WARNING' }).logLevel).toBe('warn')
    expect(config({ CONSOLE_LOG_LEVEL: 'warn', CONSOUL_LOG_LEVEL: 'WARNING' }).logLevel).toBe('warn')
  })

  it('with nothing in it is none, but of a list: nothing of it', () => {
    expect(config({ CONSOLE_METRICS_TOKEN: '' }).metrics.token).toBeNull()
    expect(config({ CONSOLE_BYPASS_PATHS: '' }).edge.bypassPaths).toEqual([])
  })

  it.each([
    ['CONSOLE_MAX_BODY_SIZE', '1 MiBs'],
    ['CONSOLE_MAX_BODY_SIZE', '12'],
    ['CONSOLE_MAX_BODY_SIZE', '-1'],
    ['CONSOLE_REQUEST_TIMEOUT', '30 fortnights'],
    ['CONSOLE_REQUEST_TIMEOUT', '0'],
    ['CONSOLE_DRAIN_DELAY', '16 s'],
    ['CONSOLE_CORS_MAX_AGE', 'soon'],
    ['CONSOLE_MAX_CONNECTIONS', '0'],
    ['CONSOLE_PORT', '65536'],
    ['CONSOLE_RATE_LIMIT_ENABLED', 'perhaps'],
    ['CONSOLE_RATE_LIMIT_STRATEGY', 'sliding'],
    ['CONSOLE_RATE_LIMIT_ON_STORE_FAILURE', 'open'],
    ['CONSOLE_REDACT_KEYS', '["a",'],
    ['CONSOLE_REDACT_KEYS', '[1]'],
    ['CONSOLE_ALLOWED_HOSTS', 'https://console.example.com'],
    ['CONSOLE_ALLOWED_HOSTS', '*'],
    ['CONSOLE_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['CONSOLE_TRUSTED_PROXIES', 'proxy'],
    ['CONSOLE_API_KEY_HEADER', 'Authorization'],
    ['CONSOLE_API_KEY_HEADER', 'X API Key'],
    ['CONSOLE_API_KEY_QUERY', 'ticket'],
    ['CONSOLE_CORS_ALLOW_METHODS', 'GET POST'],
    ['CONSOLE_METRICS_PATH', 'metrics'],
    ['CONSOLE_METRICS_PREFIX', '9_'],
    ['CONSOLE_LOG_LEVEL', 'loud'],
    ['CONSOLE_CLAIM_CODE', 'short'],
    ['CONSOLE_SMTP_URL', 'https://mail.example.com'],
    ['CONSOLE_MAIL_FROM', 'nobody'],
    ['CONSOLE_JWKS_URL', 'keys.json'],
    ['LANGSMITH_ENDPOINT', 'api'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'no pair'],
    ['CONSOLE_RATE_LIMIT_REDIS_URL', 'http://redis'],
  ])('that cannot be is refused: %s=%s', (name, text) => {
    expect(faults({ [name]: text })).toEqual([`setting_invalid ${name}`])
  })
})

describe('limits', () => {
  const one = [{ count: 3, windowMs: 60_000 }]
  it('by default replace those of chat and of the rest, and leave ingest', () => {
    const { classes } = config({ CONSOLE_DEFAULT_LIMITS: '3/minute' }).limits
    expect(classes).toEqual({ chat: one, default: one, ingest: [{ count: 6_000, windowMs: 60_000 }] })
  })

  it('by class win over that, and tiers have their own', () => {
    const { classes, tiers } = config({
      CONSOLE_DEFAULT_LIMITS: '100/day',
      CONSOLE_LIMITS_JSON: '{"ingest":"3/minute","chat":"3 per minute"}',
      CONSOLE_RATE_LIMIT_TIERS: '{"gold":{"chat":"3/minute"},"none":{}}',
    }).limits
    expect(classes).toEqual({ chat: one, ingest: one, default: [{ count: 100, windowMs: 86_400_000 }] })
    expect(tiers).toEqual({ gold: { chat: one }, none: {} })
  })

  it('are counted in the Redis of their own, else in the common one', () => {
    const common = 'redis://common:6379'
    expect(config({ REDIS_URL: common }).limits.redisUrl).toBe(common)
    expect(config({ REDIS_URL: common, CONSOLE_RATE_LIMIT_REDIS_URL: 'redis://own' }).limits.redisUrl).toBe(
      'redis://own',
    )
  })

  it.each([
    ['CONSOLE_DEFAULT_LIMITS', 'ten a minute'],
    ['CONSOLE_LIMITS_JSON', '{"ingest":"0/minute"}'],
    ['CONSOLE_LIMITS_JSON', '{"ingest":'],
    ['CONSOLE_LIMITS_JSON', '{"chats":"1/minute"}'],
    ['CONSOLE_RATE_LIMIT_TIERS', '{"gold":"60/minute"}'],
    ['CONSOLE_RATE_LIMIT_TIERS', '{"gold":{"chat":"60/fortnight"}}'],
  ])('of broken grammar are refused: %s=%s', (name, text) => {
    expect(faults({ [name]: text })).toEqual([`limits_invalid ${name}`])
  })
})

describe('other origins', () => {
  it('are taken as origins, and everything of a preflight means what the contract has', () => {
    const { edge } = config({
      CONSOLE_ALLOWED_ORIGINS: '["https://a.example.com/", "http://localhost:8080"]',
      CONSOLE_CORS_ALLOW_METHODS: 'get,POST',
      CONSOLE_CORS_ALLOW_HEADERS: '*',
      CONSOUL_CORS_MAX_AGE: '60',
    })
    expect(edge).toMatchObject({
      allowedOrigins: ['https://a.example.com', 'http://localhost:8080'],
      cors: { methods: ['GET', 'POST'], headers: null, maxAgeSeconds: 60 },
    })
    expect(config({ CONSOLE_ALLOWED_ORIGINS: '*' }).edge.allowedOrigins).toEqual(['*'])
  })

  it('are refused where anybody could be meant', () => {
    expect(faults({ ...hosted, CONSOUL_CORS_ORIGINS: '*' })).toEqual([
      'allowed_origins_invalid CONSOLE_ALLOWED_ORIGINS',
    ])
    expect(faults({ CONSOLE_ALLOWED_ORIGINS: '*', CONSOLE_CORS_ALLOW_CREDENTIALS: 'true' })).toEqual([
      'cors_credentials_wildcard CONSOLE_CORS_ALLOW_CREDENTIALS',
    ])
    for (const text of ['null', 'example.com', 'https://a.example.com/page', 'https://*.example.com'])
      expect(faults({ CONSOLE_ALLOWED_ORIGINS: text })).toHaveLength(1)
  })
})

describe('keys', () => {
  it('may be fewer paths without a credential, and never another one', () => {
    expect(config({ CONSOLE_BYPASS_PATHS: '/ready' }).edge.bypassPaths).toEqual(['/ready'])
    expect(faults({ CONSOLE_BYPASS_PATHS: '/health,/docs' })).toEqual([
      'bypass_path_unknown CONSOLE_BYPASS_PATHS',
    ])
  })

  it('of the API are parted by commas or a JSON array', () => {
    const keys = [longKey(1), longKey(2)]
    for (const text of [keys.join(','), JSON.stringify(keys)])
      expect(config({ ...hosted, CONSOLE_API_KEYS: text }).apiKeys).toEqual(keys)
  })

  it('of the API are refused twice, short in hosted mode, or when they are tokens too, without being said', () => {
    const canary = 'canary-key-that-nothing-may-print-01'
    const found = [
      problems({ CONSOLE_API_KEYS: `${canary},${canary}` }),
      problems({ ...hosted, CONSOLE_API_KEYS: `${longKey(1)},canary` }),
      problems({ CONSOLE_API_KEYS: canary, CONSOLE_AUTH_TOKEN: canary }),
      problems({ CONSOLE_API_KEYS: `${canary} with spaces` }),
    ]
    expect(found.map((list) => list.map(({ code }) => code))).toEqual(found.map(() => ['api_keys_invalid']))
    expect(JSON.stringify(found)).not.toContain('canary')
    expect(faults({ CONSOLE_API_KEYS: 'short' })).toEqual([])
  })

  it('that sign are seeds of 32 bytes', () => {
    expect(
      config({ IDENTITY_SIGNING_KEY_B64: seed(1), CONSOLE_SIGNING_KEY_NEXT_B64: seed(2) }).signingKeys,
    ).toEqual({
      current: seed(1),
      next: seed(2),
      previous: null,
    })
    const wrong = [
      { CONSOLE_SIGNING_KEY_B64: Buffer.alloc(31).toString('base64') },
      { CONSOLE_SIGNING_KEY_B64: Buffer.alloc(32, 255).toString('base64url') },
      { CONSOLE_SIGNING_KEY_B64: seed(1).replace('=', '') },
      { CONSOLE_SIGNING_KEY_B64: seed(1).replace('E=', 'F=') },
      { CONSOLE_SIGNING_KEY_B64: seed(1), CONSOLE_SIGNING_KEY_PREVIOUS_B64: seed(1) },
      { CONSOLE_SIGNING_KEY_NEXT_B64: seed(1) },
    ]
    for (const env of wrong) expect(problems(env).map(({ code }) => code)).toEqual(['signing_key_invalid'])
  })

  it('of tokens keep the tier whose limits count', () => {
    const text = JSON.stringify([{ token: 'x', tenantId: 'default', label: 'ci', tier: 'gold' }])
    expect(config({ CONSOLE_AUTH_TOKENS_JSON: text }).tokens).toEqual([
      { token: 'x', tenant: 'default', label: 'ci', tier: 'gold' },
    ])
  })
})

describe('external issuers', () => {
  const issuer = 'https://login.example.com'
  const many = (more: object) => JSON.stringify([{ issuer, audience: 'api', tenantClaim: 'org', ...more }])

  it('are taken from single settings and from the list', () => {
    const roles = { admins: 'owner' }
    expect(
      config({
        ...hosted,
        CONSOLE_OAUTH_ISSUER: 'https://other.example.com',
        CONSOLE_OAUTH_AUDIENCE: 'console',
        CONSOLE_OAUTH_CLIENT_ID: 'id',
        CONSOLE_OAUTH_CLIENT_SECRET: 'the-client-secret',
        CONSOLE_OAUTH_ISSUERS_JSON: many({ groupsClaim: 'groups', roles }),
      }).oauth,
    ).toEqual([
      {
        issuer: 'https://other.example.com',
        audience: 'console',
        tenantClaim: 'tenant',
        clientId: 'id',
        clientSecret: 'the-client-secret',
      },
      { issuer, audience: 'api', tenantClaim: 'org', groupsClaim: 'groups', roles },
    ])
  })

  it.each<[string, Env]>([
    ['broken JSON', { CONSOLE_OAUTH_ISSUERS_JSON: '[' }],
    ['a role that there is not', { CONSOLE_OAUTH_ISSUERS_JSON: many({ roles: { a: 'king' } }) }],
    [
      'one twice',
      { CONSOLE_OAUTH_ISSUERS_JSON: many({}), CONSOLE_OAUTH_ISSUER: issuer, CONSOLE_OAUTH_AUDIENCE: 'x' },
    ],
    ['a secret without a client', { CONSOLE_OAUTH_ISSUERS_JSON: many({ clientSecret: 's' }) }],
    ['no https', { CONSOLE_OAUTH_ISSUERS_JSON: many({ issuer: 'http://login.example.com' }) }],
    ['an issuer without an audience', { CONSOLE_OAUTH_ISSUER: issuer }],
    ['an audience without an issuer', { CONSOLE_OAUTH_AUDIENCE: 'x' }],
  ])('are refused with %s', (_, env) => {
    expect(problems(env).map(({ code }) => code)).toEqual(['oauth_invalid'])
  })

  it('may be on this machine in local mode alone', () => {
    const env = { CONSOLE_OAUTH_ISSUERS_JSON: many({ issuer: 'http://127.0.0.1:4000' }) }
    expect(problems(env)).toEqual([])
    expect(faults({ ...hosted, ...env })).toEqual(['oauth_invalid CONSOLE_OAUTH_ISSUERS_JSON'])
  })
})

describe('watching', () => {
  it('needs a token where others can reach the metrics', () => {
    expect(faults({ CONSOLE_METRICS_HOST: '0.0.0.0' })).toEqual([
      'metrics_token_missing CONSOLE_METRICS_TOKEN',
    ])
    expect(faults({ CONSOLE_METRICS_HOST: '0.0.0.0', CONSOLE_METRICS_TOKEN: 'token' })).toEqual([])
    for (const host of ['localhost', '::1', '127.0.0.2'])
      expect(faults({ CONSOLE_METRICS_HOST: host })).toEqual([])
  })

  it('refuses the gRPC port, and spans that go nowhere', () => {
    const enabled = { CONSOUL_OBSERVABILITY_OTEL_ENABLED: 'true' }
    expect(faults({ ...enabled, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4317' })).toEqual([
      'otlp_endpoint_invalid OTEL_EXPORTER_OTLP_ENDPOINT',
    ])
    expect(faults({ OTEL_EXPORTER_OTLP_ENDPOINT: 'jaeger' })).toEqual([
      'otlp_endpoint_invalid OTEL_EXPORTER_OTLP_ENDPOINT',
    ])
    expect(faults(enabled)).toEqual(['otlp_endpoint_missing OTEL_EXPORTER_OTLP_ENDPOINT'])
    expect(faults({ CONSOLE_LANGSMITH_ENABLED: 'true' })).toEqual(['langsmith_key_missing LANGSMITH_API_KEY'])
    const { headers } = config({ OTEL_EXPORTER_OTLP_HEADERS: 'X-Team=shop, authorization=Bearer%20x' }).otel
    expect(headers).toEqual({ 'x-team': 'shop', authorization: 'Bearer x' })
  })
})

describe('mail', () => {
  it('comes from the public host unless somebody else is named', () => {
    const url = 'smtps://me:secret@mail.example.com'
    expect(config({ ...hosted, CONSOLE_SMTP_URL: url }).smtp).toEqual({
      url,
      from: 'noreply@console.example.com',
    })
    const from = 'Console <console@example.com>'
    expect(config({ CONSOLE_SMTP_URL: url, CONSOLE_MAIL_FROM: from }).smtp).toEqual({ url, from })
    expect(config({}).smtp).toBeNull()
  })
})

it('a hosted start that is wrong in many ways says all of them at once', () => {
  const found = problems({
    ...hosted,
    CONSOLE_DEFAULT_LIMIT: '1',
    CONSOLE_ALLOWED_ORIGINS: '*',
    CONSOLE_BYPASS_PATHS: '/docs',
    CONSOLE_METRICS_HOST: '0.0.0.0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4317',
    CONSOLE_API_KEYS: 'short',
    CONSOLE_LIMITS_JSON: '{',
    CONSOLE_SIGNING_KEY_B64: 'x',
    CONSOLE_MAX_BODY_SIZE: 'big',
  })
  expect(found.map(({ code }) => code).sort()).toEqual([
    'allowed_origins_invalid',
    'api_keys_invalid',
    'bypass_path_unknown',
    'limits_invalid',
    'metrics_token_missing',
    'otlp_endpoint_invalid',
    'setting_invalid',
    'setting_unknown',
    'signing_key_invalid',
  ])
  expect(found.find(({ code }) => code === 'setting_unknown')?.detail).toBe(
    'CONSOLE_DEFAULT_LIMIT is not a setting; did you mean CONSOLE_DEFAULT_LIMITS?',
  )
})

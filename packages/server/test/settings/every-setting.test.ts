import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { namesOf, type SettingName, settingNames } from '../../src/config.ts'

/** Settings that no test of this folder holds up, each with where it is held up instead, or why it cannot be yet. */
const elsewhere: Partial<Record<SettingName, string>> = {
  CONSOLE_RUNTIME_MODE: 'config/resolve.test.ts, and every engine test that opens a hosted server',
  CONSOLE_DATABASE_DIRECT_URL: 'adapters/postgres/notify: needs a pooler between',
  CONSOLE_LANGSMITH_ENABLED: 'http/tracing.test.ts: no operation asks a model yet',
  LANGSMITH_API_KEY: 'http/tracing.test.ts: no operation asks a model yet',
  LANGSMITH_ENDPOINT: 'http/tracing.test.ts: no operation asks a model yet',
  LANGSMITH_PROJECT: 'http/tracing.test.ts: no operation asks a model yet',
  CONSOLE_JWKS_URL: 'config/resolve-groups.test.ts: it is for Workers, which are not built yet',
}

describe('every setting', () => {
  const sources = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.ts') && name !== 'every-setting.test.ts')
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .join('\n')
  const tested = (name: SettingName) =>
    new RegExp(`alive\\(\\s*'${name}'|it\\('${name} is alive`).test(sources)

  it('has a test that fails when it is dead, or a reason', () => {
    expect(settingNames.filter((name) => !tested(name) && elsewhere[name] === undefined)).toEqual([])
  })

  it('has no reason beside a test', () => {
    expect(settingNames.filter((name) => tested(name) && elsewhere[name] !== undefined)).toEqual([])
  })
})

const seed = (byte: number) => Buffer.alloc(32, byte).toString('base64')
const secret = Array.from({ length: 32 }, (_, n) => (n * 7 + 1).toString(16).padStart(2, '0')).join('')

/** Names of the systems that this one replaces, with a value as they would write it. */
const known: readonly (readonly [string, SettingName, string])[] = [
  ['CONSOUL_API_KEYS', 'CONSOLE_API_KEYS', '["first-key","second-key"]'],
  ['CONSOUL_API_KEY_HEADER', 'CONSOLE_API_KEY_HEADER', 'X-Team-Key'],
  ['CONSOUL_API_KEY_QUERY', 'CONSOLE_API_KEY_QUERY', 'api_key'],
  ['CONSOUL_BYPASS_PATHS', 'CONSOLE_BYPASS_PATHS', '/health,/ready'],
  ['CONSOUL_DEFAULT_LIMITS', 'CONSOLE_DEFAULT_LIMITS', '30/minute;500/hour'],
  ['CONSOUL_RATE_LIMIT_REDIS_URL', 'CONSOLE_RATE_LIMIT_REDIS_URL', 'redis://localhost:6379'],
  ['REDIS_URL', 'CONSOLE_REDIS_URL', 'redis://redis:6379'],
  ['CONSOUL_STRATEGY', 'CONSOLE_RATE_LIMIT_STRATEGY', 'fixed-window'],
  ['CONSOUL_ENABLED', 'CONSOLE_RATE_LIMIT_ENABLED', 'False'],
  ['CONSOUL_CORS_ORIGINS', 'CONSOLE_ALLOWED_ORIGINS', 'https://app.example.com,https://admin.example.com'],
  ['CONSOUL_CORS_ALLOW_CREDENTIALS', 'CONSOLE_CORS_ALLOW_CREDENTIALS', 'true'],
  ['CONSOUL_CORS_ALLOW_METHODS', 'CONSOLE_CORS_ALLOW_METHODS', '["GET", "POST"]'],
  ['CONSOUL_CORS_ALLOW_HEADERS', 'CONSOLE_CORS_ALLOW_HEADERS', 'Authorization'],
  ['CONSOUL_CORS_MAX_AGE', 'CONSOLE_CORS_MAX_AGE', '60'],
  ['CONSOUL_OBSERVABILITY_PROMETHEUS_ENABLED', 'CONSOLE_METRICS_ENABLED', 'false'],
  ['CONSOUL_OBSERVABILITY_METRICS_PORT', 'CONSOLE_METRICS_PORT', '9191'],
  ['CONSOUL_OBSERVABILITY_OTEL_ENABLED', 'CONSOLE_OTEL_ENABLED', 'true'],
  ['CONSOUL_OBSERVABILITY_OTEL_SERVICE_NAME', 'OTEL_SERVICE_NAME', 'consoul-api'],
  ['CONSOUL_OBSERVABILITY_LANGSMITH_ENABLED', 'CONSOLE_LANGSMITH_ENABLED', 'true'],
  ['CONSOUL_LOG_LEVEL', 'CONSOLE_LOG_LEVEL', 'DEBUG'],
  ['CONSOUL_MAX_BODY_SIZE', 'CONSOLE_MAX_BODY_SIZE', '2097152'],
  ['CONSOUL_APP_NAME', 'CONSOLE_APP_NAME', 'My API'],
  ['app_name', 'CONSOLE_APP_NAME', 'My API'],
  ['KONTRACT_SECRET', 'CONSOLE_SECRET', secret],
  ['IDENTITY_SIGNING_KEY_B64', 'CONSOLE_SIGNING_KEY_B64', seed(1)],
  ['DATABASE_URL', 'CONSOLE_DATABASE_URL', 'all.sqlite'],
  ['PORT', 'CONSOLE_PORT', '8000'],
]

describe('a name of a system that this one replaces', () => {
  // What these need beside them to be taken at all.
  const beside = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318',
    LANGSMITH_API_KEY: 'ls-key',
    CONSOLE_TELEMETRY_STORAGE: 'sqlite',
  }
  const effective = (env: Record<string, string>) => {
    const { texts: _, ...config } = resolveConfig({
      env: { ...beside, ...env },
      version: '0.1.0',
      readFile: () => '',
      isFolder: () => false,
    })
    return config
  }

  it.each(known)('%s is %s', (alias, name, value) => {
    expect(effective({ [alias]: value })).toEqual(effective({ [name]: value }))
    expect(effective({ [alias]: value })).not.toEqual(effective({}))
    expect(effective({ [alias]: value, [name]: value })).toEqual(effective({ [name]: value }))
  })

  it('stands in this list, each of them', () => {
    const all = settingNames.flatMap((name) =>
      namesOf(name)
        .slice(1)
        .map((alias) => `${alias} ${name}`),
    )
    expect(all.sort()).toEqual(known.map(([alias, name]) => `${alias} ${name}`).sort())
  })
})

import { describe, expect, it } from 'vitest'
import { inspectConfig, resolveConfig } from './resolve.ts'

const secret = Array.from({ length: 32 }, (_, n) => (n * 7 + 1).toString(16).padStart(2, '0')).join('')
const hosted = {
  CONSOLE_RUNTIME_MODE: 'hosted',
  CONSOLE_ENVIRONMENT: 'production',
  CONSOLE_PUBLIC_ORIGIN: 'https://console.example.com',
  CONSOLE_TELEMETRY_STORAGE: 'postgres',
  CONSOLE_DATABASE_URL: 'postgres://user:password@db/x',
  CONSOLE_SECRET: secret,
}
const files: Record<string, string> = {}
const needs = (env: Record<string, string | undefined>) => ({
  env,
  version: '0.1.0',
  readFile(path: string) {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  },
  isFolder: (path: string) => path.startsWith('/srv/'),
})
const codes = (env: Record<string, string | undefined>) =>
  inspectConfig(needs(env)).problems.map((problem) => problem.code)

describe('the settings', () => {
  it('need nothing in local mode', () => {
    const config = resolveConfig(needs({}))
    expect(config).toMatchObject({
      mode: 'local',
      host: '127.0.0.1',
      port: 3000,
      storage: 'local-jsonl',
      keepStorage: 'sqlite',
      tenant: 'default',
      retentionDays: 90,
      environment: { name: 'local', kind: 'other' },
    })
  })

  it('of a hosted server are taken whole', () => {
    expect(resolveConfig(needs(hosted))).toMatchObject({
      mode: 'hosted',
      host: '0.0.0.0',
      storage: 'postgres',
      keepStorage: 'postgres',
      environment: { name: 'production', kind: 'production' },
    })
  })

  it('of a hosted server are refused with every fault at once, and no secret among them', () => {
    const env = {
      CONSOLE_RUNTIME_MODE: 'hosted',
      CONSOLE_TELEMETRY_STORAGE: 'sqlite',
      CONSOLE_PUBLIC_ORIGIN: 'http://console.example.com',
      CONSOLE_AUTH_TOKENS_JSON: '[{"token":"canary-value"',
      CONSOLE_TELEMETRY_RETENTION_DAYS: '0',
    }
    const { problems } = inspectConfig(needs(env))
    expect(problems.map((problem) => problem.code).sort()).toEqual(
      [
        'database_url_missing',
        'environment_missing',
        'public_origin_invalid',
        'retention_invalid',
        'secret_missing',
        'storage_not_postgres',
        'tokens_json_invalid',
      ].sort(),
    )
    expect(JSON.stringify(problems)).not.toContain('canary')
  })

  it.each([
    ['public_origin_invalid', { ...hosted, CONSOLE_PUBLIC_ORIGIN: 'https://console.example.com/path' }],
    ['tokens_json_invalid', { ...hosted, CONSOLE_AUTH_TOKEN: 'short' }],
    [
      'tokens_json_invalid',
      {
        CONSOLE_AUTH_TOKEN: 'x',
        CONSOLE_AUTH_TOKENS_JSON: '[{"token":"x","tenantId":"default","label":"a"}]',
      },
    ],
    ['tokens_json_invalid', { CONSOLE_AUTH_TOKENS_JSON: '[{"token":"x"}]' }],
    ['tenant_not_allowed', { CONSOLE_TENANT_ID: 'Not A Tenant' }],
    [
      'tenant_not_allowed',
      {
        CONSOLE_TENANT_ALLOWLIST: 'acme',
        CONSOLE_TENANT_ID: 'acme',
        CONSOLE_AUTH_TOKENS_JSON: '[{"token":"x","tenantId":"other","label":"a"}]',
      },
    ],
    ['product_root_invalid', { CONSOLE_TELEMETRY_PRODUCT_ROOTS: 'shop:/nowhere' }],
    [
      'product_root_unknown',
      {
        CONSOLE_TELEMETRY_PRODUCT_ROOTS: 'shop:/srv/shop',
        CONSOLE_TELEMETRY_DESCRIPTOR_PATHS: 'product:other:console.telemetry.json',
      },
    ],
    ['retention_invalid', { CONSOLE_TELEMETRY_RETENTION_DAYS: '3651' }],
    ['setting_invalid', { CONSOLE_SECRET: '00'.repeat(32) }],
    ['setting_invalid', { CONSOLE_PORT: 'http' }],
    ['setting_alias_differs', { CONSOLE_DATABASE_URL: 'a.sqlite', DATABASE_URL: 'b.sqlite' }],
    ['setting_twice', { CONSOLE_SECRET: secret, CONSOLE_SECRET_FILE: '/secret' }],
    ['setting_file_unreadable', { CONSOLE_SECRET_FILE: '/nothing' }],
    ['setting_unknown', { ...hosted, CONSOLE_DEFAULT_LIMIT: '1' }],
    ['overlay_invalid', { CONSOLE_OVERLAY: '/nowhere' }],
  ])('are refused as %s', (code, env) => {
    expect(codes(env)).toContain(code)
  })

  it('name the nearest word for an unknown one, and only warn in local mode', () => {
    const { config, problems } = inspectConfig(needs({ CONSOLE_TENANT: 'x' }))
    expect(problems).toEqual([])
    expect(config.warnings.join()).toContain('CONSOLE_TENANT_ID')
  })

  it('take a value from a file and by an alias', () => {
    files['/secret'] = `${secret}\n`
    expect(resolveConfig(needs({ CONSOLE_SECRET_FILE: '/secret' })).secret).toBe(secret)
    expect(resolveConfig(needs({ PORT: '8080' })).port).toBe(8080)
    expect(resolveConfig(needs({ KONTRACT_SECRET: secret })).secret).toBe(secret)
  })
})

describe('an overlay', () => {
  const overlay = `apiVersion: quarterdeck/overlay-1
environment: staging
origins: { public: "https://console.harbour.test", allowed: ["https://other.example.com"] }
tenants: [{ id: one }, { id: two, default: true }]
env: { CONSOLE_PORT: "4000" }
productRoots: [{ id: shop, path: /srv/shop, tenant: one }]
descriptors: ["product:shop:console.telemetry.json"]
`
  const read = (text: string, env: Record<string, string> = {}) => {
    files['/overlay/overlay.yaml'] = text
    return inspectConfig(needs({ CONSOLE_OVERLAY: '/overlay', ...env }))
  }

  it('gives settings, and the environment wins over it', () => {
    const { config, problems } = read(overlay, { CONSOLE_PORT: '5000' })
    expect(problems).toEqual([])
    expect(config).toMatchObject({
      port: 5000,
      tenant: 'two',
      tenantAllowlist: ['one', 'two'],
      environment: { name: 'staging', kind: 'staging' },
      publicOrigin: 'https://console.harbour.test',
      allowedOrigins: ['https://other.example.com'],
      productRoots: [{ id: 'shop', path: '/srv/shop', tenant: 'one' }],
      descriptorPaths: ['product:shop:console.telemetry.json'],
    })
  })

  it.each([
    ['an unknown key, with its line', `${overlay}surprise: 1\n`, 'line 8: unknown key surprise'],
    ['a key twice', `${overlay}environment: x\n`, 'line 8'],
    ['an unknown setting', overlay.replace('CONSOLE_PORT', 'CONSOLE_PROT'), 'line 5: unknown setting'],
    ['a secret', overlay.replace('CONSOLE_PORT', 'CONSOLE_SECRET'), 'is a secret'],
  ])('is refused for %s', (_, text, detail) => {
    const { problems } = read(text)
    expect(problems[0]).toMatchObject({ code: 'overlay_invalid' })
    expect(problems[0]?.detail).toContain(detail)
  })

  it('is refused when it is of another environment or pins another build', () => {
    expect(read(overlay, { CONSOLE_ENVIRONMENT: 'production' }).problems.map((one) => one.code)).toEqual([
      'overlay_invalid',
    ])
    expect(read(`${overlay}base: { version: 9.9.9 }\n`).problems.map((one) => one.code)).toEqual([
      'base_pin_mismatch',
    ])
    expect(
      read(`${overlay}base: { version: 0.1.0, revision: abc }\n`, { CONSOLE_BUILD_SHA: 'abc' }).problems,
    ).toEqual([])
  })
})

/** How a setting's text becomes its value. */
export type SettingType = 'text' | 'number' | 'boolean' | 'list' | 'url'

/** One setting: where its value comes from, what it is without one, and what it does. */
export interface Setting {
  readonly type: SettingType
  /** Its value when nobody gives one; a function of the runtime mode; absent: there is none. */
  readonly default?: string | ((mode: 'local' | 'hosted') => string | undefined)
  readonly secret?: true
  /** Other names it is known by, from the systems this one replaces. */
  readonly aliases?: readonly string[]
  readonly oneOf?: readonly string[]
  readonly doc: string
}

const byMode = (local: string, hosted: string) => (mode: 'local' | 'hosted') =>
  mode === 'hosted' ? hosted : local

/** Every setting there is. Types, defaults, docs, `quarterdeck config` and `.env.example` come from this table. */
export const settings = {
  CONSOLE_RUNTIME_MODE: {
    type: 'text',
    default: 'local',
    oneOf: ['local', 'hosted'],
    doc: 'local needs no service; hosted refuses to start without what production needs',
  },
  CONSOLE_ENVIRONMENT: {
    type: 'text',
    default: (mode) => (mode === 'local' ? 'local' : undefined),
    doc: 'Name of the environment this deployment belongs to; hosted: required',
  },
  CONSOLE_HOST: { type: 'text', default: byMode('127.0.0.1', '0.0.0.0'), doc: 'Address to listen on' },
  CONSOLE_PORT: {
    type: 'number',
    default: '3000',
    aliases: ['PORT'],
    doc: 'Port to listen on; 0 takes a free one',
  },
  CONSOLE_PUBLIC_ORIGIN: {
    type: 'text',
    doc: 'Origin that people and producers reach this server by; hosted: required, https',
  },
  CONSOLE_ALLOWED_ORIGINS: {
    type: 'list',
    default: '',
    aliases: ['CONSOUL_CORS_ORIGINS'],
    doc: 'Other origins whose pages may call the API',
  },
  CONSOLE_TELEMETRY_STORAGE: {
    type: 'text',
    default: 'local-jsonl',
    oneOf: ['local-jsonl', 'sqlite', 'postgres'],
    doc: 'Where the three logs are kept; hosted: postgres',
  },
  CONSOLE_DATABASE_URL: {
    type: 'text',
    secret: true,
    aliases: ['DATABASE_URL'],
    doc: 'postgres:// URL, or the path of a .sqlite file',
  },
  CONSOLE_DATABASE_DIRECT_URL: {
    type: 'text',
    secret: true,
    doc: 'URL that reaches Postgres past a pooler, to hear NOTIFY; without it followers look every second',
  },
  CONSOLE_KEEP_STORAGE: {
    type: 'text',
    default: byMode('sqlite', 'postgres'),
    oneOf: ['sqlite', 'postgres', 'redis'],
    doc: 'Where small shared values are kept',
  },
  CONSOLE_REDIS_URL: {
    type: 'text',
    secret: true,
    aliases: ['REDIS_URL'],
    doc: 'redis:// URL, when CONSOLE_KEEP_STORAGE is redis',
  },
  CONSOLE_DATA_DIR: { type: 'text', default: '.quarterdeck', doc: 'Folder of local data' },
  CONSOLE_OVERLAY: { type: 'text', doc: 'Folder of the overlay: everything this deployment owns' },
  CONSOLE_TENANT_ID: { type: 'text', default: 'default', doc: 'The home tenant' },
  CONSOLE_TENANT_ALLOWLIST: { type: 'list', default: '', doc: 'Tenants that are served; empty: all' },
  CONSOLE_AUTH_TOKEN: {
    type: 'text',
    secret: true,
    doc: 'A token for the home tenant; local mode makes one when unset',
  },
  CONSOLE_AUTH_TOKENS_JSON: {
    type: 'text',
    secret: true,
    doc: 'JSON array of { token, tenantId, label, scopes?, producers?, expiresAt? }',
  },
  CONSOLE_TELEMETRY_PRODUCT_ROOTS: { type: 'list', default: '', doc: 'id:path of mounted product folders' },
  CONSOLE_TELEMETRY_DESCRIPTOR_PATHS: {
    type: 'list',
    default: '',
    doc: 'Addresses of telemetry descriptors, such as product:shop:console.telemetry.json',
  },
  CONSOLE_TELEMETRY_RETENTION_DAYS: {
    type: 'number',
    default: '90',
    doc: 'Days that telemetry is kept, 1 to 3650',
  },
  CONSOLE_TELEMETRY_KEEP_CONTENT: {
    type: 'boolean',
    default: 'false',
    doc: 'Keep tool input, prompts and completions instead of their size and MAC',
  },
  CONSOLE_SECRET: {
    type: 'text',
    secret: true,
    aliases: ['KONTRACT_SECRET'],
    doc: '32 bytes as hex that all keys are derived from; local mode makes one; hosted: required',
  },
  CONSOLE_SECRET_PREVIOUS: {
    type: 'text',
    secret: true,
    doc: 'The secret before; it still opens and verifies',
  },
  CONSOLE_BUILD_SHA: { type: 'text', doc: 'Source revision of this build, for /version and the overlay pin' },
  CONSOLE_BUILT_AT: { type: 'text', doc: 'When this build was made, for /version' },
  CONSOLE_APP_NAME: { type: 'text', default: 'Quarterdeck', doc: 'Name that the probes give' },
  CONSOLE_METRICS_ENABLED: {
    type: 'boolean',
    default: 'true',
    aliases: ['CONSOUL_OBSERVABILITY_PROMETHEUS_ENABLED'],
    doc: 'Serve metrics on their own port',
  },
  CONSOLE_METRICS_PORT: {
    type: 'number',
    default: '9090',
    aliases: ['CONSOUL_OBSERVABILITY_METRICS_PORT'],
    doc: 'Port of the metrics; 0 takes a free one',
  },
  CONSOLE_METRICS_PATH: { type: 'text', default: '/metrics', doc: 'Path of the metrics' },
  CONSOLE_METRICS_PREFIX: {
    type: 'text',
    default: 'quarterdeck_',
    doc: 'What every metric name begins with',
  },
  CONSOLE_LOG_LEVEL: {
    type: 'text',
    default: 'info',
    oneOf: ['debug', 'info', 'warn', 'error', 'silent'],
    aliases: ['CONSOUL_LOG_LEVEL'],
    doc: 'Least level of log lines',
  },
  CONSOLE_REDACT_KEYS: {
    type: 'list',
    default: '',
    doc: 'Further key names whose values are never stored or shown',
  },
  FLAG_RECORDS: { type: 'boolean', default: 'true', doc: 'false switches the appending of records off' },
  FLAG_TELEMETRY: { type: 'boolean', default: 'true', doc: 'false switches the appending of telemetry off' },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** The names in the order of the table. */
export const settingNames = Object.keys(settings) as SettingName[]

import type { Mode, Setting } from './setting.ts'

const byMode = (local: string, hosted: string) => (mode: Mode) => (mode === 'hosted' ? hosted : local)

/** Where the server runs, what it stands on and what it keeps. */
export const baseSettings = {
  CONSOLE_RUNTIME_MODE: {
    type: 'text',
    default: 'local',
    oneOf: ['local', 'hosted'],
    doc: 'local needs no service; hosted refuses to start without what production needs',
  },
  CONSOLE_ENVIRONMENT: {
    type: 'text',
    default: (mode: Mode) => (mode === 'local' ? 'local' : undefined),
    doc: 'Name of the environment this deployment belongs to; hosted: required',
  },
  CONSOLE_HOST: { type: 'text', default: byMode('127.0.0.1', '0.0.0.0'), doc: 'Address to listen on' },
  CONSOLE_PORT: {
    type: 'number',
    default: '3000',
    range: [0, 65_535],
    aliases: ['PORT'],
    doc: 'Port to listen on; 0 takes a free one',
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
    doc: 'redis:// URL, when CONSOLE_KEEP_STORAGE is redis; limits are counted there too',
  },
  CONSOLE_DATA_DIR: { type: 'text', default: '.quarterdeck', doc: 'Folder of local data' },
  CONSOLE_OVERLAY: { type: 'text', doc: 'Folder of the overlay: everything this deployment owns' },
  CONSOLE_APP: {
    type: 'text',
    doc: 'Folder of the app whose functions are served: what quarterdeck build made, or in local mode its sources',
  },
  CONSOLE_TENANT_ID: { type: 'text', default: 'default', doc: 'The home tenant' },
  CONSOLE_TENANT_ALLOWLIST: { type: 'list', default: '', doc: 'Tenants that are served; empty: all' },
  CONSOLE_TELEMETRY_PRODUCT_ROOTS: { type: 'list', default: '', doc: 'id:path of mounted product folders' },
  CONSOLE_TELEMETRY_DESCRIPTOR_PATHS: {
    type: 'list',
    default: '',
    doc: 'Addresses of telemetry descriptors, such as product:shop:console.telemetry.json',
  },
  CONSOLE_TELEMETRY_RETENTION_DAYS: {
    type: 'number',
    default: '90',
    range: [1, 3_650],
    code: 'retention_invalid',
    doc: 'Days that telemetry is kept, 1 to 3650',
  },
  CONSOLE_TELEMETRY_KEEP_CONTENT: {
    type: 'boolean',
    default: 'false',
    doc: 'Keep tool input, prompts and completions instead of their size and MAC',
  },
  CONSOLE_BUILD_SHA: { type: 'text', doc: 'Source revision of this build, for /version and the overlay pin' },
  CONSOLE_BUILT_AT: { type: 'text', doc: 'When this build was made, for /version' },
  CONSOLE_APP_NAME: {
    type: 'text',
    default: 'Quarterdeck',
    aliases: ['CONSOUL_APP_NAME', 'app_name'],
    doc: 'Name that the probes give',
  },
  FLAG_RECORDS: { type: 'boolean', default: 'true', doc: 'false switches the appending of records off' },
  FLAG_TELEMETRY: { type: 'boolean', default: 'true', doc: 'false switches the appending of telemetry off' },
} as const satisfies Record<string, Setting>

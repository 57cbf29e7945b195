import type { SettingName } from '../config.ts'
import { type Overlay, overlaySettings, parseOverlay } from './overlay.ts'
import { type StartProblem, StartRefused } from './problem.ts'
import { booleanOf, listOf, readSettings, type SettingTexts } from './read-settings.ts'
import { parseTokens, type SettingToken } from './tokens.ts'

export interface ProductRoot {
  readonly id: string
  readonly path: string
  readonly tenant: string
}

/** Everything a server needs to know, parsed. */
export interface Config {
  readonly mode: 'local' | 'hosted'
  readonly environment: { readonly name: string; readonly kind: 'production' | 'staging' | 'other' }
  readonly host: string
  readonly port: number
  readonly publicOrigin: string | null
  readonly allowedOrigins: readonly string[]
  readonly storage: 'local-jsonl' | 'sqlite' | 'postgres'
  readonly keepStorage: 'sqlite' | 'postgres' | 'redis'
  readonly databaseUrl: string | null
  readonly directUrl: string | null
  readonly redisUrl: string | null
  readonly dataDir: string
  readonly tenant: string
  readonly tenantAllowlist: readonly string[]
  readonly tokens: readonly SettingToken[]
  readonly productRoots: readonly ProductRoot[]
  readonly descriptorPaths: readonly string[]
  readonly retentionDays: number
  readonly keepContent: boolean
  /** 32 bytes as hex; null in local mode until it is made. */
  readonly secret: string | null
  readonly secretPrevious: string | null
  readonly build: { readonly sha: string | null; readonly at: string | null }
  readonly appName: string
  readonly metrics: {
    readonly enabled: boolean
    readonly port: number
    readonly path: string
    readonly prefix: string
  }
  readonly logLevel: string
  readonly redactKeys: readonly string[]
  readonly flags: { readonly records: boolean; readonly telemetry: boolean }
  readonly overlay: { readonly folder: string; readonly content: Overlay } | null
  readonly warnings: readonly string[]
  readonly texts: SettingTexts
}

export interface ResolveNeeds {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: (path: string) => string
  readonly isFolder: (path: string) => boolean
  /** This build's version, for the overlay's pin. */
  readonly version: string
}

const tenantName = /^[a-z0-9][a-z0-9-]{0,62}$/

/** The configuration, or every problem that it has. */
export function resolveConfig(needs: ResolveNeeds): Config {
  const { config, problems } = inspectConfig(needs)
  if (problems.length > 0) throw new StartRefused(problems)
  return config
}

/** The configuration as far as it can be read, with every problem that it has. */
export function inspectConfig(needs: ResolveNeeds): { config: Config; problems: StartProblem[] } {
  const folder = needs.env.CONSOLE_OVERLAY
  const { overlay, problems } =
    folder === undefined ? { overlay: null, problems: [] as StartProblem[] } : readOverlay(needs, folder)
  const read = readSettings({
    env: needs.env,
    overlay: overlay === null ? {} : overlaySettings(overlay),
    readFile: needs.readFile,
  })
  problems.push(...read.problems)
  const text = (name: SettingName) => read.texts[name].value
  const number = (name: SettingName) => Number(text(name) ?? 0)
  const refuse = (code: string, setting: string, detail: string) => problems.push({ code, setting, detail })

  const mode = text('CONSOLE_RUNTIME_MODE') === 'hosted' ? 'hosted' : 'local'
  const tenant = text('CONSOLE_TENANT_ID') ?? 'default'
  const allowlist = listOf(text('CONSOLE_TENANT_ALLOWLIST'))
  const allowed = (name: string) =>
    tenantName.test(name) && (allowlist.length === 0 || allowlist.includes(name))
  if (!allowed(tenant))
    refuse('tenant_not_allowed', 'CONSOLE_TENANT_ID', 'CONSOLE_TENANT_ID is not a tenant that is served')

  const tokens = parseTokens(
    text('CONSOLE_AUTH_TOKEN'),
    text('CONSOLE_AUTH_TOKENS_JSON'),
    tenant,
    mode,
    problems,
  )
  for (const token of tokens)
    if (!allowed(token.tenant))
      refuse(
        'tenant_not_allowed',
        'CONSOLE_AUTH_TOKENS_JSON',
        `the token ${token.label} is for a tenant that is not served`,
      )

  const roots = rootsOf(text('CONSOLE_TELEMETRY_PRODUCT_ROOTS'), tenant, overlay, needs.isFolder, refuse)
  for (const root of roots)
    if (!allowed(root.tenant))
      refuse(
        'tenant_not_allowed',
        'CONSOLE_TELEMETRY_PRODUCT_ROOTS',
        `the root ${root.id} is for a tenant that is not served`,
      )
  const descriptorPaths = listOf(text('CONSOLE_TELEMETRY_DESCRIPTOR_PATHS'))
  for (const path of descriptorPaths) {
    const [scheme, id] = path.split(':')
    const named = scheme === 'product' && path.split(':').length > 2 ? id : undefined
    const known =
      named === undefined ? scheme !== 'product' || roots.length > 0 : roots.some((root) => root.id === named)
    if (!known)
      refuse(
        'product_root_unknown',
        'CONSOLE_TELEMETRY_DESCRIPTOR_PATHS',
        `a descriptor names the root ${named ?? '(first)'}, which is not set`,
      )
  }

  const retentionDays = number('CONSOLE_TELEMETRY_RETENTION_DAYS')
  if (retentionDays < 1 || retentionDays > 3_650) {
    if (!problems.some((problem) => problem.code === 'retention_invalid'))
      refuse('retention_invalid', 'CONSOLE_TELEMETRY_RETENTION_DAYS', 'needs 1 to 3650')
  }
  const publicOrigin = originOf(text('CONSOLE_PUBLIC_ORIGIN'), mode, refuse)
  for (const name of ['CONSOLE_SECRET', 'CONSOLE_SECRET_PREVIOUS'] as const) {
    const value = text(name)
    if (value === undefined) continue
    if (!/^[0-9a-f]{64}$/i.test(value))
      refuse('setting_invalid', name, `${name} needs 32 bytes as 64 hex digits`)
    else if (new Set(value.match(/../g)).size < 16)
      refuse('setting_invalid', name, `${name} is not random: it has fewer than 16 different bytes`)
  }
  const storage = text('CONSOLE_TELEMETRY_STORAGE') as Config['storage']
  const keepStorage = text('CONSOLE_KEEP_STORAGE') as Config['keepStorage']
  const databaseUrl = text('CONSOLE_DATABASE_URL') ?? null
  if (mode === 'hosted') {
    if (storage !== 'postgres')
      refuse(
        'storage_not_postgres',
        'CONSOLE_TELEMETRY_STORAGE',
        'hosted mode keeps its logs in postgres and nowhere else',
      )
    if (databaseUrl === null)
      refuse('database_url_missing', 'CONSOLE_DATABASE_URL', 'hosted mode needs CONSOLE_DATABASE_URL')
    if (text('CONSOLE_SECRET') === undefined)
      refuse('secret_missing', 'CONSOLE_SECRET', 'hosted mode needs CONSOLE_SECRET')
    if (text('CONSOLE_ENVIRONMENT') === undefined)
      refuse('environment_missing', 'CONSOLE_ENVIRONMENT', 'hosted mode needs CONSOLE_ENVIRONMENT')
    if (keepStorage === 'sqlite')
      refuse(
        'storage_not_postgres',
        'CONSOLE_KEEP_STORAGE',
        'hosted mode keeps shared values in postgres or redis',
      )
  }
  const isPostgres = databaseUrl !== null && /^postgres(ql)?:\/\//.test(databaseUrl)
  if ((storage === 'postgres' || keepStorage === 'postgres') && databaseUrl !== null && !isPostgres) {
    refuse('setting_invalid', 'CONSOLE_DATABASE_URL', 'CONSOLE_DATABASE_URL needs to be a postgres:// URL')
  }
  if (mode === 'local' && (storage === 'postgres' || keepStorage === 'postgres') && databaseUrl === null) {
    refuse('database_url_missing', 'CONSOLE_DATABASE_URL', 'storage in postgres needs CONSOLE_DATABASE_URL')
  }
  if (storage !== 'postgres' && isPostgres)
    refuse(
      'setting_invalid',
      'CONSOLE_TELEMETRY_STORAGE',
      `CONSOLE_DATABASE_URL is of postgres, but the storage is ${storage}`,
    )
  if (keepStorage === 'redis' && text('CONSOLE_REDIS_URL') === undefined)
    refuse('setting_invalid', 'CONSOLE_REDIS_URL', 'CONSOLE_KEEP_STORAGE=redis needs CONSOLE_REDIS_URL')

  if (overlay !== null) {
    const name = needs.env.CONSOLE_ENVIRONMENT
    if (name !== undefined && name !== overlay.environment)
      refuse('overlay_invalid', 'CONSOLE_OVERLAY', 'the overlay is of another environment')
    const { base } = overlay
    const sha = text('CONSOLE_BUILD_SHA')
    if (
      base !== undefined &&
      (base.version !== needs.version || (base.revision !== undefined && base.revision !== sha))
    ) {
      refuse('base_pin_mismatch', 'CONSOLE_OVERLAY', 'the overlay pins another build than this one')
    }
  }
  const environment = text('CONSOLE_ENVIRONMENT') ?? ''
  const byName = environment === 'production' || environment === 'staging' ? environment : 'other'
  const config: Config = {
    mode,
    environment: { name: environment, kind: overlay?.kind ?? byName },
    host: text('CONSOLE_HOST') ?? '127.0.0.1',
    port: number('CONSOLE_PORT'),
    publicOrigin,
    allowedOrigins: listOf(text('CONSOLE_ALLOWED_ORIGINS')),
    storage,
    keepStorage,
    databaseUrl,
    directUrl: text('CONSOLE_DATABASE_DIRECT_URL') ?? null,
    redisUrl: text('CONSOLE_REDIS_URL') ?? null,
    dataDir: text('CONSOLE_DATA_DIR') ?? '.quarterdeck',
    tenant,
    tenantAllowlist: allowlist,
    tokens,
    productRoots: roots,
    descriptorPaths,
    retentionDays,
    keepContent: booleanOf(text('CONSOLE_TELEMETRY_KEEP_CONTENT')),
    secret: text('CONSOLE_SECRET') ?? null,
    secretPrevious: text('CONSOLE_SECRET_PREVIOUS') ?? null,
    build: { sha: text('CONSOLE_BUILD_SHA') ?? null, at: text('CONSOLE_BUILT_AT') ?? null },
    appName: text('CONSOLE_APP_NAME') ?? 'Quarterdeck',
    metrics: {
      enabled: booleanOf(text('CONSOLE_METRICS_ENABLED')),
      port: number('CONSOLE_METRICS_PORT'),
      path: text('CONSOLE_METRICS_PATH') ?? '/metrics',
      prefix: text('CONSOLE_METRICS_PREFIX') ?? 'quarterdeck_',
    },
    logLevel: text('CONSOLE_LOG_LEVEL') ?? 'info',
    redactKeys: listOf(text('CONSOLE_REDACT_KEYS')),
    flags: { records: booleanOf(text('FLAG_RECORDS')), telemetry: booleanOf(text('FLAG_TELEMETRY')) },
    overlay: overlay === null || folder === undefined ? null : { folder, content: overlay },
    warnings: read.warnings,
    texts: read.texts,
  }
  return { config, problems }
}

function readOverlay(
  needs: ResolveNeeds,
  folder: string,
): { overlay: Overlay | null; problems: StartProblem[] } {
  try {
    return parseOverlay(needs.readFile(`${folder}/overlay.yaml`))
  } catch {
    return {
      overlay: null,
      problems: [
        { code: 'overlay_invalid', setting: 'CONSOLE_OVERLAY', detail: 'overlay.yaml cannot be read' },
      ],
    }
  }
}

type Refuse = (code: string, setting: string, detail: string) => void

function originOf(text: string | undefined, mode: 'local' | 'hosted', refuse: Refuse): string | null {
  const wrong = (detail: string) => {
    refuse('public_origin_invalid', 'CONSOLE_PUBLIC_ORIGIN', `CONSOLE_PUBLIC_ORIGIN ${detail}`)
    return null
  }
  if (text === undefined) return mode === 'hosted' ? wrong('is required') : null
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin === 'null' || origin !== text.replace(/\/$/, '')) return wrong('is not an origin')
  return mode === 'hosted' && !origin.startsWith('https:') ? wrong('needs https') : origin
}

function rootsOf(
  text: string | undefined,
  tenant: string,
  overlay: Overlay | null,
  isFolder: (path: string) => boolean,
  refuse: Refuse,
): ProductRoot[] {
  const roots: ProductRoot[] = []
  for (const item of listOf(text)) {
    const [, id, path] = /^([A-Za-z0-9][\w.-]*):(.+)$/.exec(item) ?? []
    if (id === undefined || path === undefined || !isFolder(path)) {
      refuse(
        'product_root_invalid',
        'CONSOLE_TELEMETRY_PRODUCT_ROOTS',
        `${id ?? 'a root'} is not id:path of a folder`,
      )
      continue
    }
    roots.push({ id, path, tenant: overlay?.productRoots?.find((root) => root.id === id)?.tenant ?? tenant })
  }
  return roots
}

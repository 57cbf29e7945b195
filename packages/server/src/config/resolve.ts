import { askSettings } from './asking.ts'
import { type Overlay, overlaySettings, parseOverlay } from './overlay.ts'
import { type StartProblem, StartRefused } from './problem.ts'
import { readSettings, type SettingTexts } from './read-settings.ts'
import { type EdgeConfig, resolveEdge } from './resolve-edge.ts'
import { type KeysConfig, resolveKeys } from './resolve-keys.ts'
import { type LimitsConfig, resolveLimits } from './resolve-limits.ts'
import { type MailConfig, resolveMail } from './resolve-mail.ts'
import { type OauthIssuer, resolveOauth } from './resolve-oauth.ts'
import { resolveStorage, type StorageConfig } from './resolve-storage.ts'
import { resolveTenants, type TenantsConfig } from './resolve-tenants.ts'
import { resolveWatching, type WatchingConfig } from './resolve-watching.ts'

export type { ProductRoot } from './resolve-tenants.ts'

/** Everything a server needs to know, parsed. */
export interface Config extends StorageConfig, TenantsConfig, KeysConfig, WatchingConfig {
  readonly mode: 'local' | 'hosted'
  readonly environment: { readonly name: string; readonly kind: 'production' | 'staging' | 'other' }
  readonly host: string
  readonly port: number
  readonly publicOrigin: string | null
  readonly allowedOrigins: readonly string[]
  readonly edge: EdgeConfig
  readonly limits: LimitsConfig
  readonly oauth: readonly OauthIssuer[]
  readonly jwksUrl: string | null
  /** Null: local mode shows mail in the console, hosted mode sends none. */
  readonly smtp: MailConfig | null
  readonly retentionDays: number
  readonly keepContent: boolean
  readonly build: { readonly sha: string | null; readonly at: string | null }
  readonly appName: string
  readonly flags: { readonly records: boolean; readonly telemetry: boolean; readonly functions: boolean }
  readonly functions: {
    /** Milliseconds that superseded versions are kept. */
    readonly historyMs: number
    /** Calls that run at once. */
    readonly concurrency: number
  }
  /** Folder of the app, built or not; null: there is none. */
  readonly app: string | null
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
  const { texts, warnings, ...read } = readSettings({
    env: needs.env,
    overlay: overlay === null ? {} : overlaySettings(overlay),
    readFile: needs.readFile,
  })
  problems.push(...read.problems)
  const ask = askSettings(texts, problems)
  const { mode } = ask
  const environment = ask.text('CONSOLE_ENVIRONMENT') ?? ''
  if (environment === '')
    ask.refuse('environment_missing', 'CONSOLE_ENVIRONMENT', `${mode} mode needs CONSOLE_ENVIRONMENT`)
  const tenants = resolveTenants(ask, { overlay, isFolder: needs.isFolder })
  const edge = resolveEdge(ask)
  const keys = resolveKeys(ask)
  const storage = resolveStorage(ask)
  if (overlay !== null) problems.push(...misfits(overlay, needs, ask.text('CONSOLE_BUILD_SHA')))
  const byName = environment === 'production' || environment === 'staging' ? environment : 'other'
  const config: Config = {
    mode,
    environment: { name: environment, kind: overlay?.kind ?? byName },
    host: ask.text('CONSOLE_HOST') ?? '127.0.0.1',
    port: ask.number('CONSOLE_PORT'),
    publicOrigin: edge.publicOrigin,
    allowedOrigins: edge.allowedOrigins,
    ...tenants,
    ...storage,
    ...keys,
    ...resolveWatching(ask),
    edge,
    limits: resolveLimits(ask),
    oauth: resolveOauth(ask),
    jwksUrl: ask.text('CONSOLE_JWKS_URL'),
    smtp: resolveMail(ask, edge.publicOrigin),
    retentionDays: ask.number('CONSOLE_TELEMETRY_RETENTION_DAYS'),
    keepContent: ask.flag('CONSOLE_TELEMETRY_KEEP_CONTENT'),
    build: { sha: ask.text('CONSOLE_BUILD_SHA'), at: ask.text('CONSOLE_BUILT_AT') },
    app: ask.text('CONSOLE_APP'),
    appName: ask.text('CONSOLE_APP_NAME') ?? 'Quarterdeck',
    flags: {
      records: ask.flag('FLAG_RECORDS'),
      telemetry: ask.flag('FLAG_TELEMETRY'),
      functions: ask.flag('FLAG_FUNCTIONS'),
    },
    functions: {
      historyMs: ask.number('CONSOLE_TABLES_HISTORY'),
      concurrency: ask.number('CONSOLE_FUNCTIONS_CONCURRENCY'),
    },
    overlay: overlay === null || folder === undefined ? null : { folder, content: overlay },
    warnings,
    texts,
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

/** What an overlay says that this deployment or this build is not. */
function misfits(overlay: Overlay, needs: ResolveNeeds, sha: string | null): StartProblem[] {
  const problems: StartProblem[] = []
  const misfit = (code: string, detail: string) =>
    void problems.push({ code, setting: 'CONSOLE_OVERLAY', detail })
  const name = needs.env.CONSOLE_ENVIRONMENT
  if (name !== undefined && name !== overlay.environment)
    misfit('overlay_invalid', 'the overlay is of another environment')
  const { base } = overlay
  const pinned = base?.version !== needs.version || (base.revision !== undefined && base.revision !== sha)
  if (base !== undefined && pinned)
    misfit('base_pin_mismatch', 'the overlay pins another build than this one')
  return problems
}

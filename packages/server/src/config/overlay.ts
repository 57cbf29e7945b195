import { isMap, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type SettingName, settings } from '../config.ts'
import type { StartProblem } from './problem.ts'

const Schema = z.strictObject({
  apiVersion: z.literal('quarterdeck/overlay-1'),
  environment: z.string().min(1),
  kind: z.enum(['production', 'staging', 'other']).optional(),
  base: z
    .strictObject({ version: z.string(), revision: z.string().optional(), digest: z.string().optional() })
    .optional(),
  origins: z
    .strictObject({ public: z.string().optional(), allowed: z.array(z.string()).optional() })
    .optional(),
  tenants: z
    .array(z.strictObject({ id: z.string(), label: z.string().optional(), default: z.boolean().optional() }))
    .optional(),
  env: z.record(z.string(), z.string()).optional(),
  productRoots: z
    .array(z.strictObject({ id: z.string(), path: z.string(), tenant: z.string().optional() }))
    .optional(),
  descriptors: z.array(z.string()).optional(),
  boundary: z.strictObject({ literals: z.array(z.string()).optional() }).optional(),
})

/** What a deployment owns, as its overlay.yaml says it. */
export type Overlay = z.output<typeof Schema>

/** Reads an overlay.yaml. Unknown keys, duplicate keys and wrong shapes are problems with their line. */
export function parseOverlay(text: string): { overlay: Overlay | null; problems: StartProblem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const invalid = (detail: string): StartProblem => ({
    code: 'overlay_invalid',
    setting: 'CONSOLE_OVERLAY',
    detail,
  })
  if (document.errors.length > 0) {
    return {
      overlay: null,
      problems: document.errors.map((error) =>
        invalid(`line ${error.linePos?.[0].line ?? '?'}: ${error.code}`),
      ),
    }
  }
  const lineOf = (path: readonly PropertyKey[], key?: string): number => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    const pair =
      key !== undefined && isMap(node) ? node.items.find((item) => String(item.key) === key) : undefined
    const at = (pair?.key ?? node) as { range?: [number, number, number] } | null | undefined
    return at?.range ? lines.linePos(at.range[0]).line : 1
  }
  const result = Schema.safeParse(document.toJS())
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => {
      const where = issue.path.map(String)
      if (issue.code !== 'unrecognized_keys')
        return [invalid(`line ${lineOf(where)}: ${where.join('.')} ${issue.message}`)]
      return issue.keys.map((key) =>
        invalid(`line ${lineOf(where, key)}: unknown key ${[...where, key].join('.')}`),
      )
    })
    return { overlay: null, problems }
  }
  const problems = Object.keys(result.data.env ?? {}).flatMap((name) => {
    const known = Object.hasOwn(settings, name) ? settings[name as SettingName] : undefined
    if (known === undefined) return [invalid(`line ${lineOf(['env'], name)}: unknown setting ${name}`)]
    return 'secret' in known
      ? [invalid(`line ${lineOf(['env'], name)}: ${name} is a secret and has no place here`)]
      : []
  })
  return { overlay: problems.length === 0 ? result.data : null, problems }
}

/** The settings that an overlay gives, each by the key of its meaning. */
export function overlaySettings(overlay: Overlay): Partial<Record<SettingName, string>> {
  const given: Partial<Record<SettingName, string>> = {
    ...(overlay.env as Partial<Record<SettingName, string>>),
  }
  given.CONSOLE_ENVIRONMENT = overlay.environment
  if (overlay.origins?.public !== undefined) given.CONSOLE_PUBLIC_ORIGIN = overlay.origins.public
  if (overlay.origins?.allowed !== undefined)
    given.CONSOLE_ALLOWED_ORIGINS = overlay.origins.allowed.join(',')
  if (overlay.tenants !== undefined && overlay.tenants.length > 0) {
    given.CONSOLE_TENANT_ALLOWLIST = overlay.tenants.map((tenant) => tenant.id).join(',')
    const home = overlay.tenants.find((tenant) => tenant.default) ?? overlay.tenants[0]
    if (home !== undefined) given.CONSOLE_TENANT_ID = home.id
  }
  if (overlay.productRoots !== undefined) {
    given.CONSOLE_TELEMETRY_PRODUCT_ROOTS = overlay.productRoots
      .map((root) => `${root.id}:${root.path}`)
      .join(',')
  }
  if (overlay.descriptors !== undefined)
    given.CONSOLE_TELEMETRY_DESCRIPTOR_PATHS = overlay.descriptors.join(',')
  return given
}

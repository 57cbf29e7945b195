import { namesSecret, redacted } from '../../core/redact.ts'
import type { Scalar } from '../../ports/log.ts'
import type { RecordSource } from './descriptor.ts'

/** One file of a record source: its path under the source's root, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Finds the files of a root by name patterns; throws with a sentence when the root is refused. */
export type FindFiles = (
  root: string,
  patterns: readonly string[],
) => Promise<{ readonly files: readonly SourceFile[]; readonly warnings: readonly string[] }>

/** The telemetry records of one source. The same content under the same path gives the same id: it is stored once. */
export async function recordsOfSource(
  source: RecordSource,
  find: FindFiles,
  mac: (text: string) => string,
): Promise<{ records: Record<string, unknown>[]; warnings: string[] }> {
  const warnings: string[] = []
  const records: Record<string, unknown>[] = []
  try {
    const found = await find(source.root, source.files)
    warnings.push(...found.warnings)
    for (const file of found.files) {
      const record = recordOf(source, file, mac)
      if (typeof record === 'string') warnings.push(`${source.root}/${file.path} ${record}`)
      else records.push(record)
    }
  } catch (error) {
    warnings.push(`${source.root} ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
  return { records, warnings }
}

function recordOf(
  source: RecordSource,
  file: SourceFile,
  mac: (text: string) => string,
): Record<string, unknown> | string {
  let value: unknown
  try {
    value = JSON.parse(file.text)
  } catch {
    return 'is not JSON'
  }
  const attributes: Record<string, Scalar> = {}
  for (const [name, selector] of Object.entries(source.attributes)) {
    const selected = select(value, selector)
    // What is a secret in the file by its key is one under any other name too.
    if (selected !== undefined)
      attributes[name] = typeof selected === 'string' && namesSecret(selector) ? redacted : selected
  }
  const digest = mac(file.text)
  const name = `${source.id}:${file.path}`
  // The contract holds an id to 200 characters; a longer path goes in by its hash.
  const path = name.length <= 120 ? name : mac(name)
  const { task_slug: slug, session_id: session } = attributes
  return {
    ...attributes,
    schema_version: '1',
    event_type: `source.${source.id}`,
    session_id: typeof session === 'string' && session !== '' ? session.slice(0, 200) : `source:${source.id}`,
    event_id: `${path}:${digest}`,
    ...(slug === undefined ? {} : { task_slug: String(slug).slice(0, 200) }),
    source: { id: source.id, path: file.path },
  }
}

/** The scalar at a dotted path; own members only. */
function select(value: unknown, selector: string): Scalar | undefined {
  let at: unknown = value
  for (const key of selector.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string, unknown>)[key]
  }
  return typeof at === 'string' || typeof at === 'number' || typeof at === 'boolean' ? at : undefined
}

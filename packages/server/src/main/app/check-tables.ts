import { ManifestTable } from '@quarterdeck/sdk/functions/manifest'
import type { EvaluatedTable } from './evaluated.ts'

const mostIndexes = 16
const longestPath = 200

/** The tables of an app as they stand in the manifest, by name, and what is wrong with them. */
export function checkTables(
  found: readonly EvaluatedTable[],
  file: string,
): { readonly tables: ManifestTable[]; readonly problems: string[] } {
  const problems: string[] = []
  const names = new Set<string>()
  const tables = found.flatMap((table) => {
    const say = (what: string) => problems.push(`${file}: table ${table.name}: ${what}`)
    if (names.has(table.name)) say('there are two of this name')
    names.add(table.name)
    const indexes = Object.entries(table.indexes)
    if (indexes.length > mostIndexes) say(`has ${indexes.length} indexes; ${mostIndexes} is the most`)
    for (const [label, { on }] of indexes)
      for (const path of on) {
        const [field = ''] = path.split('.', 1)
        if (!table.fields.includes(field)) say(`index ${label}: there is no field ${field}`)
        if (path.length > longestPath) say(`index ${label}: a path has at most ${longestPath} characters`)
      }
    if ('wrong' in table.schema) {
      say(`schema ${table.schema.wrong}`)
      return []
    }
    const { fields: _, schema, ...rest } = table
    const parsed = ManifestTable.safeParse({ ...rest, schema: schema.schema })
    for (const issue of parsed.error?.issues ?? [])
      say(`${issue.path.join('.')} cannot be so: ${issue.message}`)
    return parsed.success ? [parsed.data] : []
  })
  return { tables: tables.sort((a, b) => (a.name < b.name ? -1 : 1)), problems }
}

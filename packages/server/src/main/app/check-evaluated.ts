import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest, ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
import { BuildRefused } from './build-refused.ts'
import type { Bundle } from './bundle-app.ts'
import { checkApp } from './check-app.ts'
import { checkFunction } from './check-function.ts'
import { checkNames } from './check-names.ts'
import { checkTables } from './check-tables.ts'
import type { EvaluatedModule } from './evaluated.ts'
import type { AppFiles } from './find-app-files.ts'
import { hashWithImports } from './hash-modules.ts'

/** Everything that was evaluated, held against the rules. Throws `BuildRefused` with all that is wrong. */
export function checkEvaluated(files: AppFiles, evaluated: readonly EvaluatedModule[], bundle: Bundle) {
  const problems = bundle.builtins.map(
    ({ name, by }) => `${by}: imports ${name}: functions import no module of Node`,
  )
  let groups: Manifest['groups'] = {}
  let tables: Manifest['tables'] = []
  for (const one of evaluated) {
    if (one.is === 'app') {
      const checked = checkApp(one)
      problems.push(...checked.problems)
      groups = checked.groups
    } else if (one.is === 'tables') {
      const checked = checkTables(one.tables, one.file)
      problems.push(...checked.problems)
      tables = checked.tables
    } else if (one.is === 'migration' && !one.up) problems.push(`${one.file}: exports no function up`)
    else if (one.is === 'failed' && !one.file.startsWith('functions/'))
      problems.push(`${one.file}: does not load: ${one.message}`)
  }
  const modules = evaluated.filter((one) => one.is === 'functions')
  const found = modules.flatMap(({ file, functions }) => functions.map((one) => ({ ...one, file })))
  problems.push(...checkNames(found))
  const names = new Set(tables.map(({ name }) => name))
  const functions = found.flatMap((one): ManifestFunction[] => {
    const { made, problems: wrong } = checkFunction(one, one.file, names)
    problems.push(...wrong)
    const hash = hashWithImports(bundle.modules, realpathSync(join(files.folder, one.file)))
    return made === null ? [] : [{ ...made, hash }]
  })
  if (problems.length > 0) throw new BuildRefused([...new Set(problems)].sort())
  return { functions: functions.sort((a, b) => (a.name < b.name ? -1 : 1)), tables, groups }
}

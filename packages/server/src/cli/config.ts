import { type Setting, settingNames, settings } from '../config.ts'
import { inspect } from '../main/environment.ts'

/** Shows the settings; with problems it says all of them and exits with 78. */
export function configVerb(options: { check?: boolean; json?: boolean; example?: boolean }): void {
  if (options.example) {
    console.log(envExample())
    return
  }
  const { config, problems } = inspect()
  const rows = settingNames.map((name) => {
    const setting: Setting = settings[name]
    const { value, source, alias } = config.texts[name]
    const shown = value === undefined ? '' : setting.secret ? 'set' : value
    return {
      name,
      value: shown,
      source: alias === undefined ? source : `${source} (${alias})`,
      doc: setting.doc,
    }
  })
  if (options.json)
    console.log(JSON.stringify({ settings: rows, problems, warnings: config.warnings }, null, 2))
  else {
    if (!options.check)
      for (const row of rows) console.log(`${row.name.padEnd(40)} ${row.value.padEnd(28)} ${row.source}`)
    for (const warning of config.warnings) console.error(`warning  ${warning}`)
    for (const problem of problems) console.error(`${problem.code}  ${problem.detail}`)
    if (options.check && problems.length === 0) console.log('The settings are fine.')
  }
  if (problems.length > 0) process.exitCode = 78
}

/** All settings as an env file, commented out at their defaults. */
export function envExample(): string {
  return settingNames
    .map((name) => {
      const setting: Setting = settings[name]
      const fallback = typeof setting.default === 'function' ? setting.default('hosted') : setting.default
      return `# ${setting.doc}\n# ${name}=${setting.secret ? 'replace-with-secret-manager-reference' : (fallback ?? '')}`
    })
    .join('\n\n')
}

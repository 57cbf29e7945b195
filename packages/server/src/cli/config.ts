import type { Config } from '../config/resolve.ts'
import { type Setting, settingNames, settings } from '../config.ts'
import { inspect, redactorOf } from '../main/environment.ts'

const widths = [40, 28, 28]

/** Shows the settings; with problems it says all of them and exits with 78. */
export function configVerb(options: { check?: boolean; json?: boolean; example?: boolean }): void {
  if (options.example) {
    console.log(envExample())
    return
  }
  const { config, problems } = inspect()
  const redact = redactorOf(config)
  const rows = settingNames.map((name) => {
    const setting: Setting = settings[name]
    const { value, source, alias } = config.texts[name]
    const shown = value === undefined ? '' : setting.secret ? 'set' : redact.text(value)
    return {
      name,
      value: shown,
      source: alias === undefined ? source : `${source} (${alias})`,
      default: defaultOf(setting, config.mode),
      doc: setting.doc,
    }
  })
  if (options.json)
    console.log(JSON.stringify({ settings: rows, problems, warnings: config.warnings }, null, 2))
  else {
    if (!options.check) {
      const line = (...cells: string[]) =>
        console.log(cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' '))
      line('setting', 'default', 'value', 'source')
      for (const row of rows) line(row.name, row.default, row.value, row.source)
    }
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
      const value = setting.secret ? 'replace-with-secret-manager-reference' : defaultOf(setting, 'hosted')
      return `# ${setting.doc}\n# ${name}=${value}`
    })
    .join('\n\n')
}

/** What it is when nobody says it; empty: nothing. */
function defaultOf(setting: Setting, mode: Config['mode']): string {
  if (setting.follows !== undefined) return setting.follows
  return (typeof setting.default === 'function' ? setting.default(mode) : setting.default) ?? ''
}

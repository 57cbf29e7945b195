/** The engines that tests may stand on. */
export const engines = ['postgres', 'redis', 'chromium', 'promtool'] as const
export type Engine = (typeof engines)[number]

/** The engines that `WITHOUT` (a comma list) leaves out of a test run. Throws on a name that is none of them. */
export function leftOut(env: Readonly<Record<string, string | undefined>>): readonly Engine[] {
  const named = (env.WITHOUT ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  for (const name of named) {
    if (!engines.some((engine) => engine === name)) {
      throw new Error(`WITHOUT names ${name}, which is no engine; there are ${engines.join(', ')}`)
    }
  }
  return engines.filter((engine) => named.includes(engine))
}

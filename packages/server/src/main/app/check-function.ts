import { isWriting } from '@quarterdeck/sdk/functions/backend'
import { parseCron } from '@quarterdeck/sdk/functions/cron'
import { ManifestFunction } from '@quarterdeck/sdk/functions/manifest'
import { z } from 'zod'
import type { EvaluatedFunction } from './evaluated.ts'

const Bits = z.number('is to be bits of perms').int('is to be bits of perms').min(0).max(7)
const whole = (least: number, most: number) => {
  const said = `is to be a whole number, ${least} to ${most}`
  return z.number(said).int(said).min(least, said).max(most, said)
}
const group = z.string('is to be the name of a group').min(1, 'is to be the name of a group').max(128)

/** Options of a function with their defaults. */
const Options = z.strictObject({
  perm: Bits,
  ugroup: group.nullable().default(null),
  egroup: group.refine((name) => name !== '*', 'cannot be *, which stands for each').default('default'),
  isolation: z.enum(['snapshot', 'serializable'], 'is to be snapshot or serializable').default('snapshot'),
  retry: whole(0, 5).default(3),
  deadlineMs: whole(1, 300_000).default(10_000),
  live: z.boolean('is to be true or false').default(false),
  internal: z.boolean('is to be true or false').default(false),
  cron: z.string('is to be five fields').nullable().default(null),
  elevate: z.record(z.string(), Bits, 'is to map tables to bits').default({}),
})

const reserved = ['then', 'constructor', '__proto__']

/** A function as it stands in the manifest, but for its hash; null with what is wrong. */
export function checkFunction(
  found: EvaluatedFunction,
  file: string,
  tables: ReadonlySet<string>,
): { readonly made: Omit<ManifestFunction, 'hash'> | null; readonly problems: readonly string[] } {
  const { name } = found
  const say = (what: string) => `${file}: ${name}: ${what}`
  if (name === 'default')
    return {
      made: null,
      problems: [`${file}: a function is called by the name of its export; default is none`],
    }
  const problems: string[] = []
  if (reserved.includes(name)) problems.push(say('the name is reserved'))
  else if (!ManifestFunction.shape.name.safeParse(name).success)
    problems.push(say('a name is a letter, then up to 63 letters, digits or _'))
  if (found.options.perm === undefined)
    problems.push(say('perm is missing: it says which bits a caller needs'))
  const parsed = Options.safeParse({ perm: 0, ...found.options })
  if (!parsed.success) {
    problems.push(...parsed.error.issues.flatMap((issue) => wordsOf(issue).map(say)))
    return { made: null, problems }
  }
  const options = parsed.data
  const drawn = found.args.map((arg, at) => {
    if ('wrong' in arg) problems.push(say(`args[${at}] ${arg.wrong}`))
    return 'schema' in arg ? arg.schema : {}
  })
  if (found.result !== null && 'wrong' in found.result) problems.push(say(`result ${found.result.wrong}`))
  problems.push(...contradictions(options, found, tables).map(say))
  if (problems.length > 0) return { made: null, problems }
  const result = found.result !== null && 'schema' in found.result ? found.result.schema : null
  const internal = options.internal || options.cron !== null
  return { made: { name, file, ...options, internal, args: drawn, result }, problems }
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `there is no option ${key}`)
  return [`${issue.path.join('.')} ${issue.message}`]
}

/** What each option allows and all of them together do not. */
function contradictions(
  options: z.infer<typeof Options>,
  found: EvaluatedFunction,
  tables: ReadonlySet<string>,
): string[] {
  const wrong: string[] = []
  const writes = isWriting(options.perm)
  if (options.live && writes) wrong.push('live is for functions that do not write: perm has 2 or 1')
  if (options.live && (options.internal || options.cron !== null))
    wrong.push('live cannot be internal: nobody could follow it')
  if (options.cron !== null) {
    try {
      parseCron(options.cron)
    } catch (error) {
      wrong.push(`cron ${error instanceof Error ? error.message : 'is none'}`)
    }
    if (found.args.length > 0) wrong.push('cron calls it without arguments, and it has some')
  }
  for (const [table, bits] of Object.entries(options.elevate)) {
    if (!tables.has(table)) wrong.push(`elevate: there is no table ${table}`)
    if (!writes && isWriting(bits))
      wrong.push(`elevate: ${table} lends writing to a function that cannot write`)
  }
  return wrong
}

import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import { z } from 'zod'
import type { EvaluatedModule } from './evaluated.ts'

const Bits = z.number('is to be bits of perms').int().min(0).max(7).optional()
const Held = z.record(z.string(), Bits).optional()
const Group = z.strictObject({ endpoints: Held, tables: Held })
const Middleware = z.strictObject({
  filter: z
    .strictObject({
      prefixurl: z.string().optional(),
      egroup: z.string().optional(),
      endpoints: z.array(z.string()).optional(),
    })
    .optional(),
  fn: z.literal('(function)', 'is to be a function'),
})

/** What groups hold as it stands in the manifest, and what is wrong with an `app.ts`. */
export function checkApp(found: Extract<EvaluatedModule, { is: 'app' }>): {
  readonly groups: Manifest['groups']
  readonly problems: string[]
} {
  const problems: string[] = []
  const say = (what: string) => problems.push(`app.ts: ${what}`)
  if (found.wrong !== null) say(found.wrong)
  const groups = Object.entries(found.groups).flatMap(([name, held]) => {
    const parsed = Group.safeParse(held)
    for (const { path, message } of parsed.error?.issues ?? [])
      say(`group ${name}: ${[...path, message].join(' ')}`)
    const { endpoints, tables } = parsed.data ?? {}
    return [[name, { endpoints: sorted(endpoints), tables: sorted(tables) }] as const]
  })
  for (const [at, one] of found.middleware.entries())
    for (const { path, message } of Middleware.safeParse(one).error?.issues ?? [])
      say(`middleware[${at}]: ${[...path, message].join(' ')}`)
  return { groups: sorted(Object.fromEntries(groups)), problems }
}

/** What groups hold of what there is not: most often a name that was written wrong. */
export function strangers(
  groups: Manifest['groups'],
  has: { readonly tables: ReadonlySet<string>; readonly endpoints: ReadonlySet<string> },
): string[] {
  return Object.entries(groups).flatMap(([group, held]) =>
    (['tables', 'endpoints'] as const).flatMap((kind) =>
      Object.keys(held[kind])
        .filter((name) => name !== '*' && !has[kind].has(name))
        .map((name) => `app.ts: group ${group} holds ${kind}.${name}, and there is none`),
    ),
  )
}

/** Members in order of their names, without what is undefined. */
function sorted<Value>(members: Readonly<Record<string, Value | undefined>> = {}): Record<string, Value> {
  const there = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)))
}

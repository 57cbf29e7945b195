import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { buildApp } from '../../src/main/app/build-app.ts'
import { endAll, type Serving, serve } from '../program.ts'

const token = 'token-of-a-service-with-strays-0001'
const sources = {
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
export default app({ groups: { services: { endpoints: { '*': perms.RWX }, tables: { open: perms.RWX } } } })
`,
  'tables.ts': `
import { table } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const open = table('open', { schema: z.object({ n: z.number() }), rows: 'shared' })
export const closed = table('closed', { schema: z.object({ n: z.number() }), rows: 'shared' })
`,
  'functions/strays.ts': `
import { backend, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'
export const forgets = backend({ perm: perms._W_ }, (ctx) => {
  void ctx.tables.closed.get('hunter2')
  void ctx.tables.open.push({ n: 'no number' } as never)
  return 'done'
})
export const outlives = backend({ perm: perms.R__, deadlineMs: 50 }, async (ctx) => {
  void (async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    await ctx.tables.open.query()
  })()
  await new Promise((resolve) => setTimeout(resolve, 200))
  throw new Error('hunter2')
})
export const inner = backend({ perm: perms.R__ }, async () => {
  throw new Error('hunter2')
})
export const parses = backend(
  { perm: perms.R__, args: [z.unknown().transform(() => JSON.parse('hunter2'))] },
  () => 'never',
)
export const calls = backend({ perm: perms.R__ }, (ctx) => {
  void ctx.call(inner)
  return 'done'
})
export const here = backend({ perm: perms.R__ }, () => 'here')
`,
}
let folder: string
let serving: Serving

beforeAll(async () => {
  folder = writeApp(sources)
  await buildApp({ folder, out: join(folder, 'dist') })
  serving = await serve({
    CONSOLE_DATA_DIR: join(folder, 'data'),
    CONSOLE_APP: join(folder, 'dist'),
    CONSOLE_AUTH_TOKEN: token,
    CONSOLE_LOG_LEVEL: 'info',
  })
}, 60_000)
afterAll(async () => {
  await endAll()
  rmSync(dirname(folder), { recursive: true, force: true })
})

async function rpc(fn: string) {
  const response = await fetch(`${serving.url}/rpc/${fn}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  const body = await response.json()
  return body.result ?? body.code
}

it('functions that leave promises to nobody end no process, and say nothing of what was in them', async () => {
  expect(await rpc('forgets')).toBe('done')
  expect(await rpc('calls')).toBe('done')
  expect(await rpc('inner')).toBe('internal')
  expect(await rpc('parses')).toBe('internal')
  expect(await rpc('outlives')).toBe('deadline_exceeded')
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(await rpc('here')).toBe('here')
  await expect.poll(() => serving.said()).toContain('a promise was rejected that nobody waited for')
  expect(serving.said()).not.toContain('hunter2')
})

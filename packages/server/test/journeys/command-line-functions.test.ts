import { rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { small, writeApp } from '../../src/main/app/app-folder.test-kit.ts'
import { endAll, quarterdeck } from '../program.ts'
import { openStage, type Stage } from '../stage.ts'

const argument = 'Printer on fire, said by nobody else'

const app = {
  ...small,
  'app.ts': `
import { app, perms } from '@quarterdeck/sdk/functions'
const all = { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } }
export default app({ groups: { services: all, operators: all } })
`,
  'functions/refuse.ts': `
import { backend, fault, perms } from '@quarterdeck/sdk/functions'
export const refuse = backend({ perm: perms.R__, egroup: 'desk' }, async () => { throw fault('not_found') })
export const fail = backend({ perm: perms.R__, egroup: 'desk' }, async () => { throw new Error('inside') })
export const sweep = backend({ perm: perms._W_, cron: '0 0 1 1 *' }, async () => undefined)
`,
}

describe('functions by the command line', { timeout: 60_000 }, () => {
  let folder: string
  let stage: Stage
  beforeAll(async () => {
    folder = writeApp(app)
    stage = await openStage({ CONSOLE_APP: folder })
  })
  afterAll(async () => {
    await stage.stop()
    await endAll()
    rmSync(dirname(folder), { recursive: true, force: true })
  })
  const run = (args: readonly string[], input?: string) =>
    quarterdeck(['functions', ...args], { QUARTERDECK_URL: stage.url, QUARTERDECK_TOKEN: stage.token }, input)

  it('are run with a list of arguments, with one, from a file or standard input, or with none', async () => {
    const file = join(folder, 'arguments.json')
    writeFileSync(file, JSON.stringify(['From a file']))
    const answers = [
      await run(['run', 'openTicket', JSON.stringify([argument])]),
      await run(['run', 'openTicket', '"Just one"']),
      await run(['run', 'openTicket', '--file', file]),
      await run(['run', 'openTicket', '--file', '-'], '["From standard input"]'),
    ]
    for (const { code, out, err } of answers)
      expect([code, out, err]).toEqual([0, expect.stringMatching(/^"[0-9a-f-]{36}"\n$/), ''])
    const { out } = await run(['run', 'board'])
    expect(JSON.parse(out).map(({ title }: { title: string }) => title)).toEqual([
      'ticket: From a file',
      'ticket: From standard input',
      'ticket: Just one',
      `ticket: ${argument}`,
    ])
    const early = await run(['run', 'board', '--as-of', '1'])
    expect(JSON.parse(early.out)).toHaveLength(1)
  })

  it('tell what was wrong with a run', async () => {
    const refusals: [string[], string][] = [
      [['run', 'openTicket', '[17]'], 'invalid'],
      [['run', 'openTicket', '{'], 'invalid_json'],
      [['run', 'nowhere'], 'not_found'],
      [['run', 'refuse'], 'not_found'],
      [['run', '../../records'], 'invalid'],
      [['run', 'openTicket', '[1]', '--file', '-'], 'invalid'],
      [['list', '--window', '3d'], 'invalid'],
      [['logs', 'nowhere'], 'not_found'],
    ]
    for (const [args, code] of refusals) {
      const answer = await run(args)
      expect([args, answer.code, answer.err]).toEqual([args, 1, expect.stringContaining(`${code}: `)])
    }
  })

  it('are listed with how they did, and their calls are shown without arguments', async () => {
    for (const fn of ['openTicket', 'refuse', 'fail'])
      await fetch(`${stage.url}/rpc/${fn}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${stage.token}`, 'content-type': 'application/json' },
        body: fn === 'openTicket' ? JSON.stringify([`${argument} again`]) : '[]',
      })
    const list = await run(['list'])
    const line = (name: string) => list.out.split('\n').find((one) => one.startsWith(`${name} `)) ?? ''
    expect(list.code).toBe(0)
    expect(line('openTicket')).toMatch(
      /_W_ +desk +\d+ calls +p50 +[\d.]+ ms +p95 +[\d.]+ ms +failed +\d+\.\d %$/,
    )
    expect(line('fail')).toMatch(/failed +100\.0 %/)
    expect(line('refuse')).toMatch(/failed +0\.0 %/)
    expect(line('sweep')).toMatch(/0 calls .* cron 0 0 1 1 \*$/)
    expect(line('openTwo')).toMatch(/internal$/)

    const logs = await run(['logs', 'openTicket', '--limit', '2'])
    const shown = logs.out.trim().split('\n')
    expect(shown).toHaveLength(2)
    expect(shown[1]).toMatch(/^\d{4}-\S+Z +ok +[\d.]+ ms +\S.* commit \d+/)
    expect((await run(['logs', 'fail'])).out).toMatch(/ failed .* internal/)
    const answers = [list, logs, await stage.client.telemetry.query({})]
    expect(JSON.stringify(answers)).not.toContain(argument)
  })

  it('leave the pages of telemetry whole', async () => {
    const { totals, tools, facets } = await stage.client.telemetry.query({})
    expect(totals.byType['quarterdeck.function.call']).toBeGreaterThan(5)
    expect(tools).toEqual([])
    expect(
      facets
        .find(({ id }) => id === 'outcome')
        ?.values.map(({ value }) => value)
        .sort(),
    ).toEqual(['ambiguous', 'fail', 'pass'])
  })

  it('have calls that only the platform tells of', async () => {
    const forged = {
      schema_version: '1',
      event_type: 'quarterdeck.function.call',
      session_id: 's',
      event_id: 'forged',
      function: { name: 'board', outcome: 'failed' },
    }
    await expect(stage.client.telemetry.append(forged)).rejects.toMatchObject({ code: 'invalid' })
  })
})

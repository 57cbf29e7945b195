import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readLine, writeLine } from '../../src/adapters/jsonl/line.ts'
import { verifyLogs } from '../../src/main/verify-logs.ts'
import type { Stored } from '../../src/ports/log.ts'
import { quarterdeck } from '../program.ts'
import { event, measurement, openStage } from '../stage.ts'

const reader = 'token-that-may-only-read-records-0001'
const limited = [{ token: reader, tenantId: 'default', label: 'reader', scopes: ['records:read'] }]

describe('quarterdeck log verify', { timeout: 30_000 }, () => {
  let folder: string
  let env: Record<string, string>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-verify-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Some records, measurements and, by being refused, three decisions. */
  async function fill(storage: Record<string, string>): Promise<void> {
    env = { CONSOLE_DATA_DIR: join(folder, 'data'), ...storage }
    const stage = await openStage({ ...env, CONSOLE_AUTH_TOKENS_JSON: JSON.stringify(limited) }, folder)
    await stage.client.records.append(Array.from({ length: 20 }, (_, n) => event(`e${n}`)))
    await stage.client.telemetry.append(Array.from({ length: 5 }, (_, n) => measurement(`m${n}`)))
    const refused = [
      stage.as(reader).telemetry.query({}),
      stage.client.telemetry.query({ limit: 9_999 }),
      stage.client.records.append('none' as never),
    ]
    await Promise.allSettled(refused)
    await stage.running.stop()
  }
  async function verify() {
    const findings = await verifyLogs(env)
    expect(findings.length).toBeGreaterThan(0)
    return findings
      .filter(({ result }) => result === 'broken')
      .map(({ log, tenant, detail }) => `${log} ${tenant}: ${detail}`)
  }
  const segment = (log: string) => {
    const at = join(folder, 'data', 'logs', log, 'default')
    return join(at, readdirSync(at).sort().at(-1) ?? '')
  }
  const change = (log: string, edit: (lines: string[]) => string[]) => {
    const lines = readFileSync(segment(log), 'utf8').trimEnd().split('\n')
    writeFileSync(segment(log), `${edit(lines).join('\n')}\n`)
  }
  /** Rewrites one line with a checksum that fits, as somebody who knows the format would. */
  const forge = (n: number, edit: (entry: Stored) => Stored) => (lines: string[]) =>
    lines.map((line, at) => {
      const entry = readLine('default', line)
      return at === n && entry !== null ? writeLine(edit(entry)).trimEnd() : line
    })
  const otherCount = (entry: Stored): Stored => {
    const said = JSON.parse(entry.payload)
    return { ...entry, payload: JSON.stringify({ ...said, payload: { ...said.payload, count: 99 } }) }
  }
  const otherActor = (entry: Stored): Stored => {
    const said = JSON.parse(entry.payload)
    return { ...entry, payload: JSON.stringify({ ...said, actor: { ...said.actor, id: 'somebody else' } }) }
  }

  it('finds nothing wrong with what nobody touched, a torn last line included, and ends with 0', async () => {
    await fill({})
    const whole = await quarterdeck(['log', 'verify'], env)
    expect([whole.code, whole.err]).toEqual([0, ''])
    expect(whole.out).toMatch(/^intact +decisions default: positions up to 3, chained$/m)
    writeFileSync(segment('records'), '{"sum":"00', { flag: 'a' })
    const torn = await quarterdeck(['log', 'verify'], env)
    expect([torn.code, torn.err]).toEqual([0, expect.stringMatching(/^cut 10 bytes of an unfinished write/)])
  })

  it('ends with 1 and says where', async () => {
    await fill({})
    change('records', (lines) => lines.with(7, (lines[7] ?? '').replace('It began', 'It begun')))
    const { code, out } = await quarterdeck(['log', 'verify'], env)
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^broken +records default: line 8 of .* is damaged$/m),
    ])
  })

  it.each([
    [
      'one byte changed',
      (lines: string[]) => lines.map((line, n) => (n === 7 ? line.replace('It began', 'It begun') : line)),
    ],
    ['a line deleted', (lines: string[]) => lines.filter((_, n) => n !== 7)],
    ['two lines swapped', (lines: string[]) => lines.with(7, lines[8] ?? '').with(8, lines[7] ?? '')],
    ['a line doubled', (lines: string[]) => lines.toSpliced(7, 0, lines[7] ?? '')],
    ['the first lines deleted', (lines: string[]) => lines.slice(2)],
    ['the last lines deleted', (lines: string[]) => lines.slice(0, -2)],
  ])('finds %s in a file of records', async (_, edit) => {
    await fill({})
    change('records', edit)
    expect(await verify()).toEqual([expect.stringMatching(/^records default: /)])
  })

  it('finds the last line cut in its middle', async () => {
    await fill({})
    truncateSync(segment('records'), readFileSync(segment('records')).length - 20)
    expect(await verify()).toHaveLength(1)
  })

  it.each([
    ['changed', forge(1, otherCount)],
    ['of somebody else', forge(1, otherActor)],
    [
      'changed where it is asked for',
      forge(1, (entry) => ({ ...entry, attributes: { ...entry.attributes, phase: 'done' } })),
    ],
    ['deleted from the middle', (lines: string[]) => lines.filter((_, n) => n !== 1)],
    ['deleted from the beginning', (lines: string[]) => lines.slice(1)],
    ['deleted from the end', (lines: string[]) => lines.slice(0, -1)],
  ])('finds a decision %s, though its line has a checksum that fits', async (_, edit) => {
    await fill({})
    change('decisions', edit)
    expect(await verify()).toEqual([expect.stringMatching(/^decisions default: /)])
  })

  it('finds all decisions gone', async () => {
    await fill({})
    rmSync(join(folder, 'data', 'logs', 'decisions', 'default'), { recursive: true })
    expect(await verify()).toEqual([expect.stringMatching(/^decisions default: /)])
  })

  it.each([
    ['a decision changed', `update console_audit_log set payload = replace(payload, 'reader', 'writer')`],
    [
      'a decision changed where it is asked for',
      `update console_audit_log set operation = 'none' where position = 2`,
    ],
    ['a decision deleted', 'delete from console_audit_log where position = 2'],
    ['the first decision deleted', 'delete from console_audit_log where position = 1'],
    ['the last decision deleted', 'delete from console_audit_log where position = 3'],
    ['all decisions deleted', 'delete from console_audit_log'],
    [
      'two decisions swapped',
      'update console_audit_log set position = case position when 1 then 12 else 11 end where position < 3;' +
        'update console_audit_log set position = position - 10 where position > 10',
    ],
    ['a measurement deleted', 'delete from console_telemetry_events where position = 3'],
  ])('finds %s in a database file', async (_, sql) => {
    const path = join(folder, 'all.sqlite')
    await fill({ CONSOLE_TELEMETRY_STORAGE: 'sqlite', CONSOLE_DATABASE_URL: path })
    expect(await verify()).toEqual([])
    const db = new DatabaseSync(path)
    db.exec(sql)
    db.close()
    expect(await verify()).toEqual([expect.stringContaining('default: ')])
  })

  it('finds a saved state that is not what the records say', async () => {
    const path = join(folder, 'all.sqlite')
    await fill({ CONSOLE_TELEMETRY_STORAGE: 'sqlite', CONSOLE_DATABASE_URL: path })
    const { foldSource } = await import('../../src/main/fold-source.ts')
    const { recordsFold } = await import('../../src/features/records/records-fold.ts')
    const fold = recordsFold(foldSource())
    const db = new DatabaseSync(path)
    db.prepare('insert into console_log_checkpoints values (?, ?, ?, ?, ?, ?)').run(
      ...['records', 'default', fold.name, fold.source, 10, fold.save(fold.empty())],
    )
    db.close()
    expect(await verify()).toEqual([expect.stringContaining('the saved state differs')])
  })

  it('finds nothing wrong with records of which only liveness was pruned', async () => {
    const path = join(folder, 'all.sqlite')
    await fill({ CONSOLE_TELEMETRY_STORAGE: 'sqlite', CONSOLE_DATABASE_URL: path })
    const db = new DatabaseSync(path)
    db.exec('delete from console_core_records where position in (5, 19, 20)')
    db.close()
    expect(await verify()).toEqual([])
  })
})

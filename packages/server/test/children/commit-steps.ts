// A process of its own that commits one transaction: `node commit-steps.ts <url or file> <tenant> [statement]`. It says
// `ready`, and commits when it reads a line; then it prints the outcome. On a file it kills itself (SIGKILL) right before
// the statement of that number, counted from 1, of the commit; where there are fewer it prints how many there were.
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { openPool } from '../../src/adapters/postgres/pool.ts'
import { postgresTables } from '../../src/adapters/postgres/tables.ts'
import { openSqlite } from '../../src/adapters/sqlite/open.ts'
import { sqliteTables } from '../../src/adapters/sqlite/tables.ts'
import { arrange, sceneOf } from './commit-scene.ts'

const [, , where = '', tenant = '', statement = ''] = process.argv
const common = { now: Date.now, randomId: randomUUID }
let counting = false
let count = 0

function step(): void {
  if (!counting) return
  count += 1
  if (count === Number(statement)) process.kill(process.pid, 'SIGKILL')
}

/** A thing whose methods of these names are counted, each before it runs. */
function counted<Thing extends object>(
  thing: Thing,
  names: readonly string[],
  made: (name: string, result: unknown) => unknown,
): Thing {
  return new Proxy(thing, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (names.includes(String(name))) step()
        return made(String(name), Reflect.apply(value, target, args))
      }
    },
  })
}

const countedStatement = (one: StatementSync) =>
  counted(one, ['run', 'get', 'all', 'iterate'], (_, result) => result)
const countedFile = (db: DatabaseSync) =>
  counted(db, ['exec'], (name, result) =>
    name === 'prepare' ? countedStatement(result as StatementSync) : result,
  )

const pool = where.startsWith('postgres:') ? openPool({ url: where, max: 2 }) : null
const tables =
  pool === null
    ? sqliteTables({ db: countedFile(openSqlite({ path: where, now: Date.now })), ...common })
    : postgresTables({ pool, ...common })
const commit = await arrange(tables, sceneOf(tenant))
process.stdout.write('ready\n')
for await (const _ of createInterface({ input: process.stdin })) break
counting = true
const outcome = await commit()
step()
process.stdout.write(`${JSON.stringify({ outcome, count })}\n`)
process.exit(0)

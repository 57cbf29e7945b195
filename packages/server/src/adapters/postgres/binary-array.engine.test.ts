import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../../../test/engines/databases.ts'
import { type BinaryType, binaryArray } from './binary-array.ts'

let client: pg.Client
let drop: () => Promise<void>
beforeAll(async () => {
  const database = await freshDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  drop = async () => {
    await client.end()
    await database.drop()
  }
})
afterAll(() => drop())

type Values = Parameters<typeof binaryArray>[1]

/** What the server makes of the array, as the text that it would make of each value itself. */
async function readBack(type: BinaryType, values: Values): Promise<(string | null)[]> {
  const { rows } = await client.query(
    `select v::text as read from unnest($1::${type}[]) with ordinality as t(v, n) order by n`,
    [binaryArray(type, values)],
  )
  return rows.map((row) => row.read)
}

describe('an array sent as Postgres keeps it', () => {
  it('holds texts, whatever is in them, and nothing where there is nothing', async () => {
    const texts = ['', 'a', 'NULL', '{","}', 'back\\slash "quoted"', 'ü€😀', 'x'.repeat(100_000)]
    expect(await readBack('text', [...texts, null, undefined, 7, true, -0])).toEqual([
      ...texts,
      ...[null, null, '7', 'true', '0'],
    ])
    expect(await readBack('text', [])).toEqual([])
  })

  it('holds integers to the last digit, and doubles', async () => {
    const whole = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32) - 1, 2 ** 53 - 1, 1 - 2 ** 53]
    expect(await readBack('bigint', whole)).toEqual(whole.map(String))
    expect(await readBack('float8', [0.1, -1.5, 1e300])).toEqual(['0.1', '-1.5', '1e+300'])
  })

  it('holds instants to the millisecond, on both sides of 2000 and of 1970', async () => {
    await client.query(`set timezone = 'UTC'; set datestyle = 'ISO'`)
    const instants = [0, -1, 946_684_799_999, 946_684_800_001, 1_763_716_143_123, 253_402_300_799_999]
    const read = await readBack('timestamptz', [...instants, 1_763_716_143_123.9])
    expect(read.map((text) => Date.parse(`${text?.replace(/\+00$/, '')}Z`))).toEqual([
      ...instants,
      1_763_716_143_123,
    ])
  })

  it('holds bytes and JSON', async () => {
    expect(await readBack('bytea', ['', '00ff', 'ab'.repeat(32)])).toEqual([
      '\\x',
      '\\x00ff',
      `\\x${'ab'.repeat(32)}`,
    ])
    expect(await readBack('jsonb', ['{"a":[1.50,"ü\\n"]}', 'null'])).toEqual([
      '{"a": [1.50, "ü\\n"]}',
      'null',
    ])
  })

  it('is refused by what its type cannot hold', async () => {
    expect(() => binaryArray('text', ['\ud800'])).toThrow('surrogate')
    expect(() => binaryArray('bytea', ['0g'])).toThrow('hex')
    expect(() => binaryArray('bytea', ['abc'])).toThrow('hex')
    expect(() => binaryArray('bigint', [1.5])).toThrow('integer')
    await expect(readBack('text', ['a\u0000b'])).rejects.toThrow('invalid byte')
    await expect(readBack('jsonb', ['{'])).rejects.toThrow('json')
  })
})

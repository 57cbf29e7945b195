import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareLedger, readMigrations } from './migration-files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarterdeck-migrations-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

describe('migration files', () => {
  it('come in order, with the checksum of their bytes and what their header says', () => {
    write('0002_second.sql', '-- Drops the old.\n-- breaking\ndrop table a;\n')
    write('0001_first_words.sql', 'create table a (b int);\n-- breaking\n')
    write('notes.md', 'no migration')
    expect(readMigrations(folder)).toEqual([
      {
        version: '0001_first_words',
        checksum: '6b398f94799410b91969b6b387f13513b13b6f4fdc13afddc602c4cde209db0b',
        breaking: false,
        text: 'create table a (b int);\n-- breaking\n',
      },
      expect.objectContaining({ version: '0002_second', breaking: true }),
    ])
  })

  it('are refused under a name out of form and under a number used twice', () => {
    write('0001_one.sql', '')
    write('1_two.sql', '')
    expect(() => readMigrations(folder)).toThrow(
      expect.objectContaining({ code: 'misnamed', version: '1_two' }),
    )
    rmSync(join(folder, '1_two.sql'))
    write('0001_other.sql', '')
    expect(() => readMigrations(folder)).toThrow(/0001_one has the same number/)
  })

  it('are compared with a ledger', () => {
    const files = [
      { version: '0001_a', checksum: 'x' },
      { version: '0002_b', checksum: 'y' },
      { version: '0003_c', checksum: 'z' },
    ]
    const ledger = new Map([
      ['0001_a', 'x'],
      ['0003_c', 'other'],
      ['0004_d', 'w'],
    ])
    expect(compareLedger(ledger, files)).toEqual({
      behind: ['0002_b'],
      ahead: ['0004_d'],
      edited: ['0003_c'],
    })
  })
})

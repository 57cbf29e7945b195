import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchSources } from './watch-sources.ts'

let folder = ''
let changes = 0
let end = () => {}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarterdeck-watch-'))
  mkdirSync(join(folder, 'functions'))
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'functions/desk.ts'), '1')
  changes = 0
  end = watchSources({
    folder,
    ignored: (name) => name === 'dist',
    changed: () => {
      changes += 1
    },
  })
})

afterEach(() => {
  end()
  rmSync(folder, { recursive: true })
})

/** Does something, waits until it is heard of, and until all is quiet again. */
async function heard(act: () => void): Promise<void> {
  const before = changes
  act()
  await vi.waitFor(() => expect(changes).toBeGreaterThan(before), { timeout: 10_000, interval: 20 })
  await new Promise((resolve) => setTimeout(resolve, 250))
}

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)

describe('watching the sources of an app', () => {
  it('hears of a file that is written in place after another file took its place', async () => {
    await heard(() => {
      write('functions/next', '2')
      renameSync(join(folder, 'functions/next'), join(folder, 'functions/desk.ts'))
    })
    await heard(() => write('functions/desk.ts', '3'))
    await heard(() => write('functions/desk.ts', '4'))
  })

  it('hears of files in folders that come later, deeper, and in place of others', async () => {
    await heard(() => mkdirSync(join(folder, 'functions/inner')))
    await heard(() => write('functions/inner/one.ts', '1'))
    await heard(() => {
      rmSync(join(folder, 'functions'), { recursive: true })
      mkdirSync(join(folder, 'functions'))
    })
    await heard(() => write('functions/desk.ts', '5'))
  })

  it('hears nothing of what is ignored', async () => {
    await heard(() => write('tables.ts', '1'))
    const before = changes
    write('dist/app.js', '1')
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(changes).toBe(before)
  })
})

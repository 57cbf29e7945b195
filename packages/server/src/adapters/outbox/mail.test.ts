import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mailSuite } from '../../ports/mail.suite.ts'
import { outboxMail } from './mail.ts'

async function folderOf() {
  const base = await mkdtemp(join(tmpdir(), 'outbox-'))
  const folder = join(base, 'mail')
  let at = 1_700_000_000_000
  const open = () => outboxMail({ folder, now: () => at, randomId: randomUUID })
  const pass = (ms: number) => {
    at += ms
  }
  return { base, folder, open, pass, dispose: () => rm(base, { recursive: true, force: true }) }
}

mailSuite('outbox', async () => {
  const { base, folder, open, pass, dispose } = await folderOf()
  const aside = join(base, 'aside')
  return {
    open: async () => {
      pass(1_000)
      return open()
    },
    arrived: async () =>
      (await open().list()).reverse().map(({ to, subject, text }) => ({ to, subject, text })),
    // A file stands where the folder should be.
    lose: async () => {
      await rename(folder, aside).catch(() => undefined)
      await writeFile(folder, '')
    },
    find: async () => {
      await rm(folder)
      await rename(aside, folder).catch(() => undefined)
    },
    dispose,
  }
})

it('keeps each message for its owner alone, and lists the newest first', async () => {
  const { base, folder, open, pass, dispose } = await folderOf()
  const outbox = open()
  for (const n of [1, 2, 3]) await outbox.send({ to: 'ann@example.com', subject: `${n}`, text: '' })
  pass(60_000)
  await open().send({ to: 'ann@example.com', subject: '4', text: '' })
  expect((await outbox.list()).map(({ subject }) => subject)).toEqual(['4', '3', '2', '1'])
  expect(await outbox.list()).toMatchObject([{ at: 1_700_000_060_000, to: 'ann@example.com' }, {}, {}, {}])
  const modes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))))
  expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600])
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect(await readdir(base)).toEqual(['mail'])
  await dispose()
})

it('keeps the last 200 messages and reads nothing that it did not write', async () => {
  const { folder, open, dispose } = await folderOf()
  const outbox = open()
  expect(await outbox.list()).toEqual([])
  for (let n = 1; n <= 203; n += 1) await outbox.send({ to: 'ann@example.com', subject: `${n}`, text: '' })
  await writeFile(join(folder, 'notes.txt'), 'mine')
  expect((await readdir(folder)).length).toBe(201)
  const listed = await outbox.list()
  expect([listed.length, listed[0]?.subject, listed.at(-1)?.subject]).toEqual([100, '203', '104'])
  await dispose()
})

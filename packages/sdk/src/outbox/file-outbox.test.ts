import { spawn } from 'node:child_process'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmitter } from '../emitter.ts'
import type { Change } from './backlog.ts'
import { fileOutbox } from './file-outbox.ts'

let folder = ''
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'outbox-'))
})
afterEach(() => fs.rm(folder, { recursive: true }))

const put = (n: number, more: object = {}): Change => ({
  put: { n, log: 'records', id: `e-${n}`, bytes: 10, record: { id: `e-${n}` }, sequence: n, ...more },
})
const most = { records: 1_000, bytes: 1_000_000 }
const journal = () => fs.readFile(join(folder, 'outbox.jsonl'), 'utf8')

/** What a process that found the folder as it is now would see. The dead one's lock names a pid that nobody has. */
async function reopened(pid = 2) {
  const copy = await fs.mkdtemp(join(tmpdir(), 'outbox-'))
  await fs.cp(folder, copy, { recursive: true })
  const outbox = fileOutbox({ folder: copy, fs, process: nobodyElse(pid) })
  const backlog = await outbox.open(['http'])
  return {
    backlog,
    outbox,
    [Symbol.asyncDispose]: () => outbox.close().then(() => fs.rm(copy, { recursive: true })),
  }
}

function nobodyElse(pid: number) {
  return {
    pid,
    kill: () => {
      throw Object.assign(new Error('no such process'), { code: 'ESRCH' })
    },
  }
}

describe('a file outbox', () => {
  test('gives back after a crash all that was acknowledged', async () => {
    const outbox = fileOutbox({ folder, fs, process: nobodyElse(1) })
    await outbox.open(['http'])
    await Promise.all([outbox.write([put(1)]), outbox.write([put(2)]), outbox.write([put(3)])])
    await outbox.write([{ done: [1], sink: 'http' }])
    await outbox.write([{ lost: 2, sink: 'http', code: 'invalid' }])
    await using found = await reopened()
    expect(found.backlog.oldest('http', 'records', most).map(({ id }) => id)).toEqual(['e-3'])
    expect(found.backlog.undelivered()).toMatchObject([{ code: 'invalid', kept: { id: 'e-2' } }])
    expect(found.backlog.last()).toEqual({ n: 3, sequence: { records: 3, telemetry: 0 } })
    await outbox.close()
  })

  test('cuts a torn last line, wherever it was torn', async () => {
    const outbox = fileOutbox({ folder, fs })
    await outbox.open(['http'])
    await outbox.write([put(1)])
    const whole = await journal()
    await outbox.write([put(2), put(3)])
    const text = await journal()
    await outbox.close()
    for (let length = whole.length; length < text.length; length += 7) {
      await fs.writeFile(join(folder, 'outbox.jsonl'), text.slice(0, length))
      await using found = await reopened()
      expect(found.backlog.oldest('http', 'records', most).map(({ id }) => id)).toEqual(['e-1'])
      await found.outbox.write([put(2)])
    }
  })

  test('does not pass over damage in its middle', async () => {
    await fs.writeFile(join(folder, 'outbox.jsonl'), `[]\n{oops\n[]\n`)
    await expect(fileOutbox({ folder, fs }).open(['http'])).rejects.toThrow('damaged in line 2')
    // Not holding the folder after a refusal:
    await fs.writeFile(join(folder, 'outbox.jsonl'), '')
    const outbox = fileOutbox({ folder, fs })
    await outbox.open(['http'])
    await outbox.close()
  })

  test('is compacted, keeping numbers, refusals and what waits', async () => {
    const outbox = fileOutbox({ folder, fs })
    await outbox.open(['http', 'file'])
    const record = { text: 'x'.repeat(10_000) }
    for (let n = 1; n <= 300; n += 1) {
      await outbox.write([put(n, { record })])
      await outbox.write([{ done: [n], sink: 'http' }])
      if (n > 2) await outbox.write([{ done: [n], sink: 'file' }])
    }
    const { size } = await fs.stat(join(folder, 'outbox.jsonl'))
    expect(size).toBeLessThan(1_200_000)
    await outbox.close()
    const again = fileOutbox({ folder, fs })
    const backlog = await again.open(['http', 'file'])
    expect([backlog.pending('http'), backlog.pending('file')]).toEqual([0, 2])
    expect(backlog.last().sequence.records).toBe(300)
    await again.close()
  })

  test('belongs to one process', async () => {
    const other = spawn('sleep', ['60'])
    try {
      const held = fileOutbox({ folder, fs, process: { pid: other.pid ?? 0, kill: process.kill } })
      await held.open(['http'])
      await expect(fileOutbox({ folder, fs }).open(['http'])).rejects.toThrow('in use by process')
      // Nor another way to write the same folder, nor this process twice.
      await expect(fileOutbox({ folder: `${folder}/.`, fs }).open(['http'])).rejects.toThrow('in use')
      await held.close()
      const next = fileOutbox({ folder, fs })
      await next.open(['http'])
      await next.close()
      expect((await fs.readdir(folder)).toSorted()).toEqual(['outbox.jsonl'])
    } finally {
      other.kill('SIGKILL')
    }
  })

  test('is not taken from a live process, and is from a dead one', async () => {
    const other = spawn('sleep', ['60'])
    const pid = other.pid ?? 0
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const born = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
    await fs.writeFile(join(folder, 'lock'), JSON.stringify({ pid, born, id: 'x' }))
    await expect(fileOutbox({ folder, fs }).open(['http'])).rejects.toThrow(`in use by process ${pid}`)
    other.kill('SIGKILL')
    await new Promise((resolve) => other.on('exit', resolve))
    const outbox = fileOutbox({ folder, fs })
    await outbox.open(['http'])
    await outbox.close()
  })

  test('acknowledges nothing after a failed sync', async () => {
    let failing = false
    const outbox = fileOutbox({
      folder,
      fs: {
        ...fs,
        open: async (...given: Parameters<typeof fs.open>) => {
          const file = await fs.open(...given)
          const datasync = file.datasync.bind(file)
          file.datasync = () => (failing ? Promise.reject(new Error('EIO')) : datasync())
          return file
        },
      },
    })
    await outbox.open(['http'])
    await outbox.write([put(1)])
    failing = true
    await expect(outbox.write([put(2)])).rejects.toThrow('EIO')
    failing = false
    await expect(outbox.write([put(3)])).rejects.toThrow('EIO')
    await outbox.close()
  })
})

describe('a producer with a file outbox', () => {
  const options = {
    url: 'http://deck.example',
    token: 'canary-token',
    producer: { id: 'runner', product: 'flow' },
  }
  const event = (id: string) =>
    ({
      schema: 'console.event',
      id,
      type: 'process.started',
      scope: { kind: 'repo', id: 'shop' },
      subject: { product: 'flow', kind: 'process', id: 'run-7' },
      payload: {},
    }) as const

  test('that dies between sending and the answer sends the same records again', async () => {
    const sent: unknown[][] = []
    const server = (answers: boolean) => async (_url: unknown, init?: RequestInit) => {
      const records = JSON.parse(String(init?.body))
      sent.push(records)
      if (!answers) await new Promise(() => {})
      return Response.json({
        receipts: records.map(({ id }: { id: string }) => ({ id, status: 'duplicate' })),
      })
    }
    const dead = createEmitter({ ...options, outbox: fileOutbox({ folder, fs }), fetch: server(false) })
    await dead.emit(event('a'))
    await expect.poll(() => sent.length).toBe(1)
    expect(await journal()).not.toContain('canary-token')

    const copy = await fs.mkdtemp(join(tmpdir(), 'outbox-'))
    await fs.cp(folder, copy, { recursive: true })
    const next = createEmitter({
      ...options,
      outbox: fileOutbox({ folder: copy, fs, process: nobodyElse(2) }),
      fetch: server(true),
    })
    await next.emit(event('b'))
    await next.flush()
    expect(sent.slice(1).flat()).toMatchObject([
      { id: 'a', sequence: 1 },
      { id: 'b', sequence: 2 },
    ])
    expect(sent[1]?.[0]).toEqual(sent[0]?.[0])
    expect(next.status()).toMatchObject({ pending: 0, undelivered: 0 })
    await next.close()
    await fs.rm(copy, { recursive: true })
  })

  test('that is killed loses nothing it was told is safe', { timeout: 20_000 }, async () => {
    const script = `
      import * as fs from 'node:fs/promises'
      import { createEmitter } from '${new URL('../emitter.ts', import.meta.url)}'
      import { fileOutbox } from '${new URL('../outbox.ts', import.meta.url)}'
      const emitter = createEmitter({
        url: 'http://127.0.0.1:9', token: 't', producer: { id: 'runner', product: 'flow' },
        outbox: fileOutbox({ folder: ${JSON.stringify(folder)}, fs }),
      })
      const event = ${JSON.stringify(event('x'))}
      for (let n = 0; ; n += 8) {
        const ids = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((i) => emitter.emit({ ...event, id: 'e-' + (n + i) })))
        process.stdout.write(ids.join('\\n') + '\\n')
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let out = ''
    child.stdout.on('data', (piece) => {
      out += piece
    })
    await expect.poll(() => out.length, { timeout: 15_000 }).toBeGreaterThan(2_000)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.on('exit', resolve))
    const told = out.split('\n').slice(0, -1)

    const outbox = fileOutbox({ folder, fs })
    const backlog = await outbox.open(['http'])
    const found = new Set(backlog.oldest('http', 'records', { records: 1e6, bytes: 1e9 }).map(({ id }) => id))
    expect(told.filter((id) => !found.has(id))).toEqual([])
    expect(backlog.last().sequence.records).toBe(found.size)
    await outbox.close()
  })
})

import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Mail, MailLost } from '../../ports/mail.ts'

const Kept = z.object({
  id: z.string(),
  /** Unix ms. */
  at: z.number(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
})

/** A message that was kept instead of being sent. */
export type KeptMessage = z.output<typeof Kept>

/** Mail that stays on this machine. */
export interface Outbox extends Mail {
  /** What was kept, the newest first, at most 100. */
  list(): Promise<KeptMessage[]>
}

const mostKept = 200
const mostListed = 100
const named = /^\d{15}-[\w-]+\.json$/

/**
 * Keeps each message as a file for its owner alone: sign-in links stand in them. What lies deeper than 200 messages is
 * deleted. The folder is made when it is first needed.
 */
export function outboxMail(needs: {
  readonly folder: string
  readonly now: () => number
  /** Letters, digits and dashes. */
  readonly randomId: () => string
}): Outbox {
  const { folder, now, randomId } = needs
  let closed = false
  let last = 0

  /** Names of the messages, the newest first. */
  async function names(): Promise<string[]> {
    const found = await readdir(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    })
    return found
      .filter((name) => named.test(name))
      .sort()
      .reverse()
  }

  /** Whole and synced, or not at all. */
  async function write(name: string, text: string): Promise<void> {
    const prepared = join(folder, `.${name}`)
    const file = await open(prepared, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(prepared, join(folder, name))
  }

  return {
    async send({ to, subject, text }) {
      if (closed) throw new MailLost('the outbox is closed')
      // Two messages of one millisecond keep their order.
      last = Math.max(now(), last + 1)
      const id = randomId()
      const kept: KeptMessage = { id, at: last, to, subject, text }
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await write(`${String(kept.at).padStart(15, '0')}-${id}.json`, JSON.stringify(kept))
        for (const old of (await names()).slice(mostKept)) await rm(join(folder, old), { force: true })
      } catch (cause) {
        throw new MailLost('the outbox cannot be written', { cause })
      }
    },
    async list() {
      const texts = (await names())
        .slice(0, mostListed)
        .map((name) => readFile(join(folder, name), 'utf8').catch(() => null))
      const kept = (await Promise.all(texts)).filter((text) => text !== null)
      return kept.map((text) => Kept.parse(JSON.parse(text)))
    },
    async check() {
      if (closed) throw new MailLost('the outbox is closed')
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await access(folder, constants.W_OK)
      } catch (cause) {
        throw new MailLost('the outbox cannot be written', { cause })
      }
    },
    async close() {
      closed = true
    },
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

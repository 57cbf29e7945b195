import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Stage } from '../stage.ts'
import { patience } from './browser.ts'

const Kept = z.object({ at: z.number(), to: z.string(), subject: z.string(), text: z.string() })
type Kept = z.infer<typeof Kept>

/** A mail with a way in. */
export interface SignInMail {
  readonly link: string
  readonly code: string
}

/** The sign-in mails to an address that a local server has kept so far, the newest first. */
export function signInMails(stage: Stage, to: string): SignInMail[] {
  return kept(stage)
    .filter((mail) => mail.to === to)
    .map(({ text }) => readSignInMail(text))
    .filter((mail) => mail !== null)
}

/** Waits until there are more than `before` of them. Answers the newest. */
export async function nextSignInMail(stage: Stage, to: string, before: number): Promise<SignInMail> {
  await expect.poll(() => signInMails(stage, to).length, { timeout: patience }).toBeGreaterThan(before)
  const [newest] = signInMails(stage, to)
  if (newest === undefined) throw new Error(`there is no mail to ${to}`)
  return newest
}

/** The link and the code of a mail's text; null: it has none. */
export function readSignInMail(text: string): SignInMail | null {
  const link = /https?:\S+\/console\/sign-in#\S+/.exec(text)?.[0]
  const code = /^\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*$/m.exec(text)?.[1]
  return link === undefined || code === undefined ? null : { link, code }
}

function kept(stage: Stage): Kept[] {
  const folder = join(stage.folder, 'data', 'outbox')
  const names = (() => {
    try {
      return readdirSync(folder).filter((name) => /^\d.*\.json$/.test(name))
    } catch {
      return []
    }
  })()
  return names
    .toSorted()
    .toReversed()
    .map((name) => Kept.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
}

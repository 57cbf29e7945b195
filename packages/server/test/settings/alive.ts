import { AssertionError } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { StartRefused } from '../../src/config/problem.ts'
import type { SettingName } from '../../src/config.ts'
import { openStage, type Stage } from '../stage.ts'

type Env = Readonly<Record<string, string | undefined>>
/** What must be true of a server; fails by an `expect`. */
export type Check = (stage: Stage) => Promise<void>

const opened: Stage[] = []
const folders: string[] = []
afterEach(async () => {
  for (const stage of opened.splice(0)) await stage.stop()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A stage that ends with the test. */
export async function stageOf(env: Env, folder?: string): Promise<Stage> {
  const made = await openStage({ ...env }, folder)
  let stopped: Promise<void> | undefined
  const stage: Stage = {
    ...made,
    stop() {
      stopped ??= made.stop()
      return stopped
    },
  }
  opened.push(stage)
  return stage
}

/** A folder that goes with the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-setting-'))
  folders.push(folder)
  return folder
}

/**
 * A setting that works: what is checked is so with the value, and is not so with the default. Both servers have the
 * settings of `beside`; a server that will not start without the value has failed the check as well.
 */
export function alive(
  setting: SettingName,
  value: string | (() => string | Promise<string>),
  check: Check,
  beside: Env | (() => Env | Promise<Env>) = {},
): void {
  it(`${setting} is alive`, async () => {
    const given = typeof value === 'function' ? await value() : value
    const around = typeof beside === 'function' ? await beside() : beside
    await check(await stageOf({ ...around, [setting]: given }))
    const without = await stageOf({ ...around, [setting]: undefined })
      .then(check)
      .catch((error: unknown) => error)
    expect(without, `${setting} is dead: all is the same without it`).toBeDefined()
    if (!isRefusal(without)) throw without
  })
}

/** A server that refused to start, or a check that failed; anything else is a mistake of the test. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof StartRefused ||
    error instanceof AssertionError ||
    (error instanceof Error && error.name === 'AssertionError')
  )
}

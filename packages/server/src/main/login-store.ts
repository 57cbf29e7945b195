import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TokenPair } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'

/** Logins of this person on this machine, by the server's origin. */
export interface LoginStore {
  read(origin: string): TokenPair | null
  /** Null forgets it. */
  write(origin: string, pair: TokenPair | null): void
  /** Runs one change after the other, also across processes: a refresh token is good once. */
  alone<Result>(act: () => Promise<Result>): Promise<Result>
}

const abandonedMs = 15_000

/** The logins in `quarterdeck/logins.json` of the user's configuration folder (XDG), for its owner alone. */
export function openLogins(env: Readonly<Record<string, string | undefined>> = process.env): LoginStore {
  const base = env.XDG_CONFIG_HOME || join(env.HOME || '.', '.config')
  const path = join(base, 'quarterdeck', 'logins.json')
  const lock = `${path}.lock`

  function readAll(): Record<string, unknown> {
    try {
      const found: unknown = JSON.parse(readFileSync(path, 'utf8'))
      return typeof found === 'object' && found !== null ? { ...found } : {}
    } catch {
      return {}
    }
  }

  function take(): boolean {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      return true
    } catch {
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
      // Whoever holds it longer than a refresh takes has died with it.
      if (since !== undefined && Date.now() - since > abandonedMs) rmSync(lock, { force: true })
      return false
    }
  }

  return {
    read: (origin) => TokenPair.safeParse(readAll()[origin]).data ?? null,
    write(origin, pair) {
      const { [origin]: _, ...others } = readAll()
      replace(path, JSON.stringify(pair === null ? others : { ...others, [origin]: pair }, null, 2))
    },
    async alone(act) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      for (let attempt = 0; !take(); attempt += 1) {
        if (attempt > 400) throw fault('dependency_unavailable', `${lock} is held by another command`)
        await sleep(50)
      }
      try {
        return await act()
      } finally {
        rmSync(lock, { force: true })
      }
    },
  }
}

/** Puts a whole new file in the place of the old one. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const prepared = `${path}.${process.pid}`
  const descriptor = openSync(prepared, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
    renameSync(prepared, path)
  } finally {
    closeSync(descriptor)
    rmSync(prepared, { force: true })
  }
}

/** A dependency check: resolves when fine, else rejects or answers a code. It never runs within a probe. */
export interface Check {
  readonly name: string
  run(): Promise<string | null>
}

export interface Readiness {
  readonly status: 'starting' | 'ready' | 'not_ready' | 'draining'
  readonly ok: boolean
  readonly checks: Readonly<Record<string, boolean>>
  readonly failing: readonly { readonly name: string; readonly code: string }[]
  readonly degraded: readonly string[]
}

/** Runs the checks in a loop and remembers what they said; probes read that and open nothing. */
export interface Health {
  readiness(): Readiness
  /** The code of a failing check; null when it is fine or there is no such check. */
  failing(name: string): string | null
  /** Runs all checks once, now. */
  look(): Promise<void>
  drain(): void
  stop(): void
}

const timeoutMs = 1_000
const staleMs = 10_000

/** Makes the health of a server from its checks. */
export function createHealth(needs: {
  readonly checks: readonly Check[]
  readonly now: () => number
  readonly everyMs?: number
  /** What works with less than it should, by name: `limits_local`, `issuer_stale`. A server is ready all the same. */
  readonly degraded?: () => readonly string[]
}): Health {
  const { checks, now } = needs
  const results = new Map<string, { code: string | null; at: number }>()
  let draining = false
  let timer: NodeJS.Timeout | undefined

  async function runOne(check: Check): Promise<void> {
    let give: NodeJS.Timeout | undefined
    const slow = new Promise<string>((resolve) => {
      give = setTimeout(() => resolve('timeout'), timeoutMs)
    })
    const code = await Promise.race([check.run().catch(() => 'unreachable'), slow])
    clearTimeout(give)
    results.set(check.name, { code, at: now() })
  }

  async function look(): Promise<void> {
    await Promise.all(checks.map(runOne))
  }

  function codeOf(name: string): string | null {
    const result = results.get(name)
    if (result === undefined) return 'not_run'
    return now() - result.at > staleMs ? 'timeout' : result.code
  }

  const everyMs = needs.everyMs ?? 2_000
  /** From the beginning of one look to that of the next, however long a look takes. */
  const loop = (waitMs: number) => {
    timer = setTimeout(() => {
      const began = now()
      void look().finally(() => loop(Math.max(0, everyMs - (now() - began))))
    }, waitMs)
    timer.unref()
  }
  loop(everyMs)

  return {
    readiness() {
      const codes = checks.map(({ name }) => ({ name, code: codeOf(name) }))
      const failing = codes.flatMap(({ name, code }) => (code === null ? [] : [{ name, code }]))
      const ok = failing.length === 0 && !draining
      const starting = results.size < checks.length
      return {
        status: draining ? 'draining' : ok ? 'ready' : starting ? 'starting' : 'not_ready',
        ok,
        checks: Object.fromEntries(codes.map(({ name, code }) => [name, code === null])),
        failing,
        degraded: needs.degraded?.() ?? [],
      }
    },
    failing: (name) => (checks.some((check) => check.name === name) ? codeOf(name) : null),
    look,
    drain() {
      draining = true
    },
    stop: () => clearTimeout(timer),
  }
}

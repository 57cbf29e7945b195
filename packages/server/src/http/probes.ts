import { type Answer, json } from './answer.ts'
import type { Health } from './health.ts'

/** What a server says of itself. */
export interface About {
  readonly service: string
  readonly mode: string
  readonly version: string
  readonly gitSha?: string
  readonly builtAt?: string
}

/** The paths of probes. Two of them answer without a credential only where the settings let them. */
export const probePaths = ['/healthz', '/health', '/readyz', '/ready', '/version'] as const

/** Makes the answers of the probes: they read what is known, ask nobody, and show no error's text. */
export function createProbes(needs: {
  readonly health: Pick<Health, 'readiness'>
  readonly about: About
  /** How many functions are served. */
  readonly routes: () => number
  readonly now: () => number
}): (path: (typeof probePaths)[number]) => Answer {
  const { service, mode, version, ...build } = needs.about
  return (path) => {
    const timestamp = new Date(needs.now()).toISOString()
    switch (path) {
      case '/healthz':
      case '/health':
        return json(200, {
          status: 'ok',
          ok: true,
          mode,
          service,
          version,
          routes: needs.routes(),
          timestamp,
        })
      case '/readyz':
      case '/ready': {
        const readiness = needs.health.readiness()
        return json(readiness.ok ? 200 : 503, { ...readiness, timestamp })
      }
      case '/version':
        return json(200, { version, ...build })
    }
  }
}

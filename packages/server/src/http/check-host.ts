import { fault } from '@quarterdeck/sdk/errors'
import type { Arrival } from './arrival.ts'
import type { EdgeSettings } from './edge-settings.ts'

const loopbackName = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/

/** Makes the check of `Host`: it refuses a name rebound to this address by somebody else's DNS. */
export function createHostCheck(
  settings: Pick<EdgeSettings, 'publicOrigin' | 'allowedHosts' | 'loopback'>,
): (arrival: Pick<Arrival, 'host'>) => void {
  const known = new Set(settings.allowedHosts.map((host) => host.toLowerCase()))
  if (settings.publicOrigin !== null) {
    const { host, hostname, port, protocol } = new URL(settings.publicOrigin)
    known.add(host)
    if (port === '') known.add(`${hostname}:${protocol === 'https:' ? 443 : 80}`)
  }
  const anyPort = new Set(
    settings.allowedHosts.map((host) => host.toLowerCase()).filter((host) => !portOf(host)),
  )
  return ({ host: said }) => {
    if (said === undefined) throw fault('bad_request', 'The request names no host')
    const host = said.toLowerCase()
    if (known.has(host)) return
    if (settings.loopback && loopbackName.test(host)) return
    if (anyPort.has(host.slice(0, host.length - portOf(host).length))) return
    throw fault('wrong_host')
  }
}

/** The port at the end of a host, with its colon. */
function portOf(host: string): string {
  return /:\d{1,5}$/.exec(host)?.[0] ?? ''
}

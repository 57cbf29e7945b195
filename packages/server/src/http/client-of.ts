import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { type EdgeSettings, isSecure } from './edge-settings.ts'
import { createProxyList } from './proxy-list.ts'

/** Who sent a request and what it called, as far as it can be believed. */
export interface Client {
  readonly address: string
  readonly host: string | undefined
  readonly scheme: 'http' | 'https'
}

/** Makes what reads `X-Forwarded-*`: from trusted proxies it counts, from anybody else it changes nothing. */
export function createClientOf(
  settings: Pick<EdgeSettings, 'trustedProxies' | 'publicOrigin'>,
): (incoming: IncomingMessage) => Client {
  const isProxy = createProxyList(settings.trustedProxies)
  const scheme = isSecure(settings) ? 'https' : 'http'
  const direct = (incoming: IncomingMessage): Client => ({
    address: plainAddress(incoming.socket.remoteAddress ?? ''),
    host: incoming.headers.host,
    scheme,
  })
  if (settings.trustedProxies.length === 0) return direct

  /** The right-most address that is no proxy of ours; what stands left of it, anybody may have written. */
  function clientAddress(peer: string, forwarded: string | undefined): string {
    let client = peer
    for (const hop of (forwarded ?? '').split(',').reverse()) {
      const address = plainAddress(hop.trim())
      if (!isProxy(client) || isIP(address) === 0) return client
      client = address
    }
    return client
  }

  return (incoming) => {
    const near = direct(incoming)
    if (!isProxy(near.address)) return near
    const forwarded = lastOf(incoming, 'x-forwarded-proto')
    return {
      address: clientAddress(near.address, textOf(incoming, 'x-forwarded-for')),
      host: lastOf(incoming, 'x-forwarded-host') ?? near.host,
      scheme: forwarded === 'https' || forwarded === 'http' ? forwarded : near.scheme,
    }
  }
}

function textOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** What the nearest proxy said. */
function lastOf(incoming: IncomingMessage, name: string): string | undefined {
  return textOf(incoming, name)?.split(',').at(-1)?.trim().toLowerCase()
}

/** An address without port, brackets and zone; an IPv4 address in IPv6 clothes as IPv4. */
export function plainAddress(text: string): string {
  if (!text.includes(':')) return text
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text
  const mapped = bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare
  const [address = ''] = mapped.split('%', 1)
  return /^[\d.]+:\d+$/.test(address) ? address.slice(0, address.indexOf(':')) : address
}

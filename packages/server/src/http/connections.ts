import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressKey } from '../core/limits/address-key.ts'
import { plainAddress } from './client-of.ts'
import { createProxyList } from './proxy-list.ts'

/**
 * Holds a server to so many connections in all and from one address (IPv6 by /64): what comes above is closed at once.
 * A trusted proxy speaks for many clients, and is held by the whole number alone.
 */
export function holdConnections(
  server: Server,
  most: { readonly all: number; readonly address: number; readonly trustedProxies: readonly string[] },
): void {
  const isProxy = createProxyList(most.trustedProxies)
  const open = new Map<string, number>()
  server.maxConnections = most.all
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (isProxy(address)) return
    const key = addressKey(address)
    const count = (open.get(key) ?? 0) + 1
    if (count > most.address) {
      socket.destroy()
      return
    }
    open.set(key, count)
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
    })
  })
}

import { BlockList, isIP } from 'node:net'

/** Makes what tells whether an address is one of these, or lies in one of these CIDR ranges. Throws on what is neither. */
export function createProxyList(entries: readonly string[]): (address: string) => boolean {
  if (entries.length === 0) return () => false
  const list = new BlockList()
  for (const entry of entries) {
    const [net = '', bits] = entry.split('/')
    const family = familyOf(net)
    const prefix = bits === undefined ? null : Number(bits)
    if (family === null || (prefix !== null && !/^\d{1,3}$/.test(bits ?? '')))
      throw new Error(`${entry} is neither an address nor a CIDR range`)
    if (prefix === null) list.addAddress(net, family)
    else list.addSubnet(net, prefix, family)
  }
  return (address) => {
    const family = familyOf(address)
    return family !== null && list.check(address, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address)
  return version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6'
}

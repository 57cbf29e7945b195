const browsers = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Headless)?Chrom(?:e|ium)\/|\bCriOS\//],
  ['Safari', /\bVersion\/\S+ .*Safari\//],
] as const

const systems = [
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
] as const

/** What a browser that calls itself so is known as; other programs keep the name they gave. */
export function browserOf(client: string): string {
  const browser = browsers.find(([, sign]) => sign.test(client))?.[0]
  if (browser === undefined) return client === '' ? 'An unnamed program' : client
  const system = systems.find(([, sign]) => sign.test(client))?.[0]
  return system === undefined ? browser : `${browser} on ${system}`
}

import { closeSync, openSync, writeSync } from 'node:fs'
import { fault } from '@quarterdeck/sdk/errors'
import { parseDuration } from '../config/parse-duration.ts'
import { type ConnectOptions, connect } from '../main/connect.ts'

/** Where a new token goes: a file of its own, or standard output. */
interface OutOptions {
  readonly out?: string
}

/** Makes a token and gives it out, once. */
export async function tokenCreate(
  options: ConnectOptions &
    OutOptions & {
      kind: string
      label: string
      scope?: string[]
      producer?: string[]
      tier?: string
      expires?: string
    },
): Promise<void> {
  if (options.kind !== 'producer' && options.kind !== 'service')
    throw fault('invalid', 'A token is of the kind producer or service')
  const issued = await connect(options).identity.createToken({
    kind: options.kind,
    label: options.label,
    scopes: options.scope ?? [],
    ...(options.producer === undefined ? {} : { producers: options.producer.map(producerOf) }),
    ...(options.tier === undefined ? {} : { tier: options.tier }),
    ...(options.expires === undefined ? {} : { expiresAt: instantOf(options.expires) }),
  })
  giveOut(issued, options)
}

/** Prints the tokens of the tenant, one a line. */
export async function tokenList(options: ConnectOptions): Promise<void> {
  const { identity } = connect(options)
  let cursor: string | undefined
  do {
    const page = await identity.listTokens(cursor === undefined ? {} : { cursor })
    for (const one of page.items) {
      const ends = one.revokedAt === null ? (one.expiresAt ?? 'never ends') : `revoked ${one.revokedAt}`
      const used = one.lastUsedAt ?? 'never used'
      console.log([one.id, one.kind.padEnd(8), ends.padEnd(24), used.padEnd(24), one.label].join('  '))
    }
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

/** Gives a token a new secret. */
export async function tokenRotate(
  id: string,
  options: ConnectOptions & OutOptions & { overlap?: string },
): Promise<void> {
  const ms = options.overlap === undefined ? undefined : parseDuration(options.overlap)
  if (ms === null) throw fault('invalid', 'The overlap needs to be a time, such as 24h')
  const overlap = ms === undefined ? {} : { overlapSeconds: Math.ceil(ms / 1_000) }
  giveOut(await connect(options).identity.rotateToken({ id, ...overlap }), options)
}

/** Ends a token now. */
export async function tokenRevoke(id: string, options: ConnectOptions): Promise<void> {
  await connect(options).identity.revokeToken({ id })
  console.log(`${id} is revoked.`)
}

function producerOf(text: string): { id: string; product: string } {
  const [id = '', product = '', ...more] = text.split(':')
  if (id === '' || product === '' || more.length > 0)
    throw fault('invalid', 'A producer is said as id:product')
  return { id, product }
}

/** An instant, `never`, or how long from now. */
function instantOf(text: string): string {
  const ms = parseDuration(text)
  return ms === null ? text : new Date(Date.now() + ms).toISOString()
}

function giveOut(issued: { id: string; token: string }, { out }: OutOptions): void {
  if (out === undefined) {
    console.log(JSON.stringify(issued, null, 2))
    return
  }
  // A file that is there could be open to others.
  const descriptor = openSync(out, 'wx', 0o600)
  writeSync(descriptor, `${issued.token}\n`)
  closeSync(descriptor)
  console.log(JSON.stringify({ id: issued.id, out }, null, 2))
}

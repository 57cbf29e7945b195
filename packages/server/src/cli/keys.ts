import { identity } from '@quarterdeck/sdk/contract/identity'
import type { SigningKeyItem } from '@quarterdeck/sdk/contract/identity-views'
import { type ConnectOptions, connect } from '../main/connect.ts'
import { type ProofOptions, perform } from './perform.ts'

/** Prints the keys that sign and verify tokens. */
export async function keysStatus(options: ConnectOptions): Promise<void> {
  print((await connect(options).identity.listKeys()).items)
}

/** Publishes the next key; asks for the proof. */
export async function keysRotate(options: ConnectOptions & ProofOptions): Promise<void> {
  const client = connect(options)
  await perform(client, identity.rotateKeys, {}, options)
  print((await client.identity.listKeys()).items)
}

function print(items: readonly SigningKeyItem[]): void {
  for (const { kid, state, publishedAt, signsFrom, verifiesUntil } of items) {
    const signs = signsFrom === null ? '' : `  signs from ${signsFrom}`
    const verifies = verifiesUntil === null ? '' : `  verifies until ${verifiesUntil}`
    console.log(`${kid}  ${state.padEnd(8)}  published ${publishedAt}${signs}${verifies}`)
  }
}

import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { type ConnectOptions, connect } from '../main/connect.ts'
import { withLocalHub } from '../main/local-hub.ts'

/** Prints the operating state as JSON. */
export async function inspectVerb(options: ConnectOptions & { at?: string; local?: boolean }): Promise<void> {
  const input = options.at === undefined ? {} : { at: options.at }
  const show = (state: unknown) => console.log(JSON.stringify(state as OperatingState, null, 2))
  if (options.local) await withLocalHub(async (call) => show(await call('records.state', input)))
  else show(await connect(options).records.state(input))
}

import { fault } from '@quarterdeck/sdk/errors'
import { claimCode } from '../main/claim-code.ts'

/** Makes the code of the first owner anew and prints it. */
export async function claimCodeVerb(): Promise<void> {
  const found = await claimCode()
  if (found.state === 'claimed') throw fault('already_claimed')
  if (found.state === 'set') {
    console.log('The code is the one of CONSOLE_CLAIM_CODE.')
    return
  }
  console.log(found.code)
  console.error('It works once, within 24 hours; the one before does not work any more.')
}

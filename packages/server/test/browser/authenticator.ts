import { setTimeout as sleep } from 'node:timers/promises'
import jsqr from 'jsqr'
import { TOTP, URI } from 'otpauth'
import type { Locator } from 'playwright-core'
import { PNG } from 'pngjs'

/** An authenticator app that was shown a QR code. */
export interface Authenticator {
  /** A code that was not used before; waits for the next one where all of now are used up. */
  next(): Promise<string>
}

const period = 30_000

/** What the camera of a phone reads off the screen. */
export async function readQr(picture: Locator): Promise<string> {
  const { data, width, height } = PNG.sync.read(await picture.screenshot())
  const read = jsqr.default(new Uint8ClampedArray(data), width, height)
  if (read === null) throw new Error('the picture is no QR code that a camera could read')
  return read.data
}

/** An app that has scanned this `otpauth://` URI. */
export function authenticator(uri: string): Authenticator {
  const totp = URI.parse(uri)
  if (!(totp instanceof TOTP)) throw new Error('the URI is for no time-based code')
  let last = 0
  return {
    async next() {
      // A code counts once, and one step beside the present one counts too.
      const step = Math.max(last + 1, Math.floor(Date.now() / period))
      last = step
      await sleep(Math.max(0, (step - 1) * period + 500 - Date.now()))
      return totp.generate({ timestamp: step * period })
    },
  }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { overlaySettings, parseOverlay } from '../config/overlay.ts'
import { StartRefused } from '../config/problem.ts'

function read(folder: string) {
  let text: string
  try {
    text = readFileSync(join(folder, 'overlay.yaml'), 'utf8')
  } catch {
    throw new StartRefused([{ code: 'overlay_invalid', detail: `${folder}/overlay.yaml cannot be read` }])
  }
  const { overlay, problems } = parseOverlay(text)
  if (overlay === null) throw new StartRefused(problems)
  return overlay
}

/** Checks an overlay; every problem with its line. */
export function overlayCheck(folder: string): void {
  const overlay = read(folder)
  console.log(`The overlay of ${overlay.environment} is fine.`)
}

/** Prints the settings that an overlay gives, as an env file. */
export function overlayEnv(folder: string): void {
  for (const [name, value] of Object.entries(overlaySettings(read(folder)))) console.log(`${name}=${value}`)
}

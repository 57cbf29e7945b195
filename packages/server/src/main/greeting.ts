import type { Config } from '../config/resolve.ts'
import type { Platform } from '../platform.ts'
import { version } from './version.ts'

/** What a started server prints: where to click, in local mode its token, and who may claim it. */
export async function greet(needs: {
  readonly config: Config
  readonly url: string
  readonly platform: Platform | null
  /** The token that local mode made; null: the settings brought one. */
  readonly ownToken: string | null
}): Promise<string[]> {
  const { config, url, platform, ownToken } = needs
  if (config.mode !== 'local' || platform === null) {
    return [`${config.appName} ${version} is at ${url}`, ...(await claimLine(url, platform))]
  }
  const ticket = await platform.identity.localTicket()
  const sign = ticket === null ? '' : `sign-in#ticket=${ticket}   (opens once, within ten minutes)`
  return [
    `${config.appName} ${version} runs in local mode (${config.environment.name}); data under ${config.dataDir}`,
    `  console  ${url}/console/${sign}`,
    `  API      ${url}/openapi.json`,
    ...(ownToken === null ? [] : [`  token    ${ownToken}`]),
  ]
}

/** How the first owner comes in; nothing once there is one. */
async function claimLine(url: string, platform: Platform | null): Promise<string[]> {
  // A database that goes away here is the readiness's to tell, not a reason to say nothing at all.
  const code = await platform?.identity.claimCode().catch(() => null)
  if (code) return [`  claim    ${url}/console/claim   with the code ${code}   (once, within a day)`]
  const claimed = await platform?.identity.claimed().catch(() => true)
  return claimed === false
    ? [
        `  claim    ${url}/console/claim   with the code of the settings, or a new one: quarterdeck claim-code`,
      ]
    : []
}

import { z } from 'zod'
import type { Asking } from './asking.ts'
import { isLoopback } from './origin.ts'
import { parseJson } from './parse-json.ts'

const roleNames = ['viewer', 'support', 'developer', 'operator', 'owner'] as const

/** An external issuer: whose tokens are taken, and (with a client) by which people sign in. */
export interface OauthIssuer {
  readonly issuer: string
  readonly audience: string
  /** Absent: discovered. */
  readonly jwksUri?: string
  readonly tenantClaim: string
  readonly groupsClaim?: string
  /** Our role by the issuer's group. */
  readonly roles?: Readonly<Record<string, (typeof roleNames)[number]>>
  readonly clientId?: string
  readonly clientSecret?: string
}

const Name = z.string().min(1).max(256)
const Issuers = z.array(
  z.strictObject({
    issuer: z.url(),
    audience: Name,
    jwksUri: z.url().optional(),
    tenantClaim: Name,
    groupsClaim: Name.optional(),
    roles: z.record(z.string(), z.enum(roleNames)).optional(),
    clientId: Name.optional(),
    clientSecret: z.string().min(1).optional(),
  }),
)

/** The external issuers of both forms. Broken JSON, one twice, a secret without a client or no https are problems. */
export function resolveOauth(ask: Asking): OauthIssuer[] {
  const name = 'CONSOLE_OAUTH_ISSUERS_JSON'
  const refuse = (detail: string) => ask.refuse('oauth_invalid', name, detail)
  const many = ask.text(name)
  const parsed = many === null ? { value: [] } : parseJson(many, Issuers)
  if ('wrong' in parsed) refuse(`${name} ${parsed.wrong}`)
  const single = singleOf(ask)
  const issuers = [...(single === null ? [] : [single]), ...('value' in parsed ? parsed.value : [])].map(
    present,
  )
  if (new Set(issuers.map((one) => one.issuer)).size < issuers.length) refuse('an issuer is given twice')
  for (const { issuer, jwksUri, clientId, clientSecret } of issuers) {
    for (const url of [issuer, jwksUri])
      if (url !== undefined && !isSafe(ask, url)) refuse(`${url} needs to be an https URL without a query`)
    if (clientSecret !== undefined && clientId === undefined)
      refuse(`${issuer} has a client secret but no client id`)
  }
  return issuers
}

function singleOf(ask: Asking): z.output<typeof Issuers>[number] | null {
  const issuer = ask.text('CONSOLE_OAUTH_ISSUER')
  const rest = [
    'CONSOLE_OAUTH_AUDIENCE',
    'CONSOLE_OAUTH_JWKS_URI',
    'CONSOLE_OAUTH_CLIENT_ID',
    'CONSOLE_OAUTH_CLIENT_SECRET',
  ] as const
  if (issuer === null) {
    for (const name of rest)
      if (ask.text(name) !== null)
        ask.refuse('oauth_invalid', name, `${name} needs CONSOLE_OAUTH_ISSUER beside it`)
    return null
  }
  const [audience, jwksUri, clientId, clientSecret] = rest.map((name) => ask.text(name) ?? undefined)
  if (audience === undefined)
    ask.refuse(
      'oauth_invalid',
      'CONSOLE_OAUTH_AUDIENCE',
      'CONSOLE_OAUTH_ISSUER needs CONSOLE_OAUTH_AUDIENCE beside it',
    )
  const tenantClaim = ask.text('CONSOLE_OAUTH_TENANT_CLAIM') ?? 'tenant'
  return { issuer, audience: audience ?? '', jwksUri, tenantClaim, clientId, clientSecret }
}

/** The same without members that are undefined. */
function present({ issuer, audience, tenantClaim, ...rest }: z.output<typeof Issuers>[number]): OauthIssuer {
  return {
    issuer,
    audience,
    tenantClaim,
    ...(rest.jwksUri === undefined ? {} : { jwksUri: rest.jwksUri }),
    ...(rest.groupsClaim === undefined ? {} : { groupsClaim: rest.groupsClaim }),
    ...(rest.roles === undefined ? {} : { roles: rest.roles }),
    ...(rest.clientId === undefined ? {} : { clientId: rest.clientId }),
    ...(rest.clientSecret === undefined ? {} : { clientSecret: rest.clientSecret }),
  }
}

/** https, or in local mode an issuer on this machine. */
function isSafe(ask: Asking, text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.search !== '' || url.hash !== '') return false
  return (
    url.protocol === 'https:' ||
    (ask.mode === 'local' && url.protocol === 'http:' && isLoopback(url.hostname))
  )
}

import type { Setting } from './setting.ts'

/** Secrets of the deployment, credentials, and how people come in. */
export const identitySettings = {
  CONSOLE_SECRET: {
    type: 'text',
    secret: true,
    aliases: ['KONTRACT_SECRET'],
    doc: '32 bytes as hex that all keys are derived from; local mode makes one; hosted: required',
  },
  CONSOLE_SECRET_PREVIOUS: {
    type: 'text',
    secret: true,
    doc: 'The secret before; it still opens and verifies',
  },
  CONSOLE_AUTH_TOKEN: {
    type: 'text',
    secret: true,
    doc: 'A token for the home tenant; local mode makes one when unset',
  },
  CONSOLE_AUTH_TOKENS_JSON: {
    type: 'json',
    secret: true,
    doc: 'JSON array of { token, tenantId, label, scopes?, producers?, tier?, expiresAt? }',
  },
  CONSOLE_API_KEYS: {
    type: 'list',
    secret: true,
    aliases: ['CONSOUL_API_KEYS'],
    doc: 'Keys that may chat, approve their own tools and complete; hosted: of 32 characters and more',
  },
  CONSOLE_CLAIM_CODE: {
    type: 'text',
    secret: true,
    doc: 'The one-time code that makes the first owner; made and printed when unset',
  },
  CONSOLE_SIGNING_KEY_B64: {
    type: 'text',
    secret: true,
    aliases: ['IDENTITY_SIGNING_KEY_B64'],
    doc: 'Ed25519 seed that signs tokens: 32 bytes as standard base64; unset: keys are made and rotated in the database',
  },
  CONSOLE_SIGNING_KEY_NEXT_B64: {
    type: 'text',
    secret: true,
    doc: 'The seed that will sign next; it is published and verifies already',
  },
  CONSOLE_SIGNING_KEY_PREVIOUS_B64: {
    type: 'text',
    secret: true,
    doc: 'The seed that signed before; it still verifies',
  },
  CONSOLE_JWKS_URL: { type: 'url', doc: 'Where Workers find the keys that verify tokens of this server' },
  CONSOLE_OAUTH_ISSUER: { type: 'url', doc: 'An external issuer whose tokens are taken; https' },
  CONSOLE_OAUTH_AUDIENCE: { type: 'text', doc: 'The audience that its tokens must name' },
  CONSOLE_OAUTH_JWKS_URI: { type: 'url', doc: 'Where its keys are; discovered when unset' },
  CONSOLE_OAUTH_TENANT_CLAIM: {
    type: 'text',
    default: 'tenant',
    doc: 'The claim of its tokens that names the tenant',
  },
  CONSOLE_OAUTH_CLIENT_ID: { type: 'text', doc: 'Our client there; with it people can sign in by it' },
  CONSOLE_OAUTH_CLIENT_SECRET: {
    type: 'text',
    secret: true,
    doc: 'The secret of that client, if it has one',
  },
  CONSOLE_OAUTH_ISSUERS_JSON: {
    type: 'json',
    secret: true,
    doc: 'Several: JSON array of { issuer, audience, jwksUri?, tenantClaim, groupsClaim?, roles?, clientId?, clientSecret? }',
  },
  CONSOLE_SMTP_URL: {
    type: 'text',
    secret: true,
    doc: 'smtp:// or smtps:// URL that mail is sent by; local mode without one shows mail in the console',
  },
  CONSOLE_MAIL_FROM: {
    type: 'text',
    doc: 'Sender of mail, such as Console <console@example.com>; unset: noreply at the public host',
  },
} as const satisfies Record<string, Setting>

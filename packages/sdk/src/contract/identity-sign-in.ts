import { z } from 'zod'
import { operation } from '../operation.ts'
import { Email, Operator, SessionView, TenantName, TokenPair, TotpCode } from './identity-views.ts'

const open = { permission: 'public', effect: 'write', journaled: 'refusals', always: true } as const
const none = z.object({})

/** A path of our own pages, such as `/console/board`. */
const ReturnTo = z
  .string()
  .max(2_048)
  .regex(/^\/console(\/|$)(?!.*(\\|\/\.))/, 'is not a path of the console')

const signIn = {
  /** What the mail's link holds after `#`. */
  token: z.string().min(1).max(256).optional(),
  /** The eight characters of the mail, typed where the link was asked for. */
  code: z.string().max(32).optional(),
  totp: TotpCode.optional(),
  recovery: z.string().max(64).optional(),
  tenant: TenantName.optional(),
  /** For programs: answers a token pair instead of a cookie. */
  as: z.literal('token').optional(),
}

/** Coming in and going out. */
export const signInOperations = {
  claim: operation({
    ...open,
    name: 'identity.claim',
    summary: 'Become the first owner with the one-time code that the server printed',
    route: 'POST /auth/claim',
    input: z.object({
      code: z.string().min(1).max(256),
      email: Email,
      name: z.string().trim().min(1).max(200),
    }),
    output: Operator,
    errors: ['claim_invalid', 'already_claimed'],
    secretInput: ['code'],
  }),
  requestLink: operation({
    ...open,
    name: 'identity.requestLink',
    summary: 'Ask for a sign-in link by mail; the answer is the same whoever asks',
    route: 'POST /auth/link',
    input: z.object({ email: Email, returnTo: ReturnTo.optional() }),
    output: none,
    errors: ['rate_limited'],
    status: 202,
  }),
  confirmLink: operation({
    ...open,
    name: 'identity.confirmLink',
    summary: 'Sign in with the link or the code of the mail, and the second factor where one is enrolled',
    route: 'POST /auth/confirm',
    input: z.object(signIn),
    output: z.union([z.object({ returnTo: z.string() }), TokenPair]),
    errors: ['totp_required', 'code_invalid', 'factor_locked', 'wrong_browser', 'link_spent'],
    secretInput: ['token', 'code', 'totp', 'recovery'],
    secretOutput: true,
  }),
  login: operation({
    name: 'identity.login',
    summary: 'Begin signing in with an external issuer',
    route: 'GET /auth/login',
    input: z.object({ issuer: z.string().min(1).max(2_048), returnTo: ReturnTo.default('/console/') }),
    output: z.undefined(),
    errors: ['login_refused'],
    permission: 'public',
    effect: 'read',
    always: true,
    status: 302,
  }),
  callback: operation({
    ...open,
    name: 'identity.callback',
    summary: 'Where an external issuer sends the browser back to',
    route: 'GET /auth/callback',
    input: z.looseObject({ state: z.string().max(2_048).optional() }),
    output: z.undefined(),
    errors: ['login_refused'],
    secretInput: ['code', 'state'],
    status: 302,
  }),
  refresh: operation({
    ...open,
    name: 'identity.refresh',
    summary: 'Exchange a refresh token for a new pair; the old one is retired',
    route: 'POST /auth/refresh',
    input: z.object({ refreshToken: z.string().min(1).max(256) }),
    output: TokenPair,
    errors: ['refresh_invalid'],
    secretInput: ['refreshToken'],
    secretOutput: true,
  }),
  openSession: operation({
    ...open,
    name: 'identity.openSession',
    summary: 'Exchange a token or the local one-time ticket for a browser session',
    route: 'POST /session',
    input: z.object({ token: z.string().min(1).max(8_192) }),
    output: z.undefined(),
    errors: ['unauthenticated'],
    maxBody: 16_384,
    secretInput: ['token'],
    status: 204,
  }),
  readSession: operation({
    name: 'identity.readSession',
    summary: 'Who is signed in',
    route: 'GET /session',
    input: none,
    output: SessionView,
    permission: 'identity:self',
    effect: 'read',
  }),
  closeSession: operation({
    ...open,
    name: 'identity.closeSession',
    summary: 'End the browser session',
    route: 'POST /session/logout',
    input: none,
    output: z.undefined(),
    status: 204,
  }),
}

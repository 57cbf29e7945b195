import { z } from 'zod'
import { operation } from '../operation.ts'
import { CredentialItem, Producers, Scope, SigningKeyItem, TokenPair } from './identity-views.ts'
import { Limit, page } from './paging.ts'

const tokens = { permission: 'identity:tokens', effect: 'write' } as const
const keys = { permission: 'identity:keys', home: true } as const
const none = z.object({})
const Id = z.object({ id: z.string().min(1).max(128) })

/** A token as it is given out: once. */
const Issued = z.object({ id: z.string(), token: z.string() })

const Ttl = z.number().int().min(60).max(86_400).optional()
const Subject = z.string().min(1).max(200)

/** Tokens of producers, services and function users, stream tickets, and the keys that sign. */
export const tokenOperations = {
  issueTicket: operation({
    name: 'identity.issueTicket',
    summary: 'A ticket that opens one live stream within 30 seconds, for clients that cannot send a header',
    route: 'POST /stream/tickets',
    input: z.object({ topics: z.array(z.string().min(1).max(512)).min(1).max(20) }),
    output: z.object({ ticket: z.string(), expires: z.string() }),
    permission: 'identity:self',
    effect: 'write',
    journaled: 'refusals',
    always: true,
    secretOutput: true,
  }),
  listTokens: operation({
    name: 'identity.listTokens',
    summary: 'The tokens of the tenant, without their secrets',
    route: 'GET /identity/tokens',
    input: z.object({ limit: Limit, cursor: z.string().max(512).optional() }),
    output: page(CredentialItem),
    permission: 'identity:read',
    effect: 'read',
  }),
  createToken: operation({
    ...tokens,
    name: 'identity.createToken',
    summary: 'Make a token for a producer or a service; its secret is shown once',
    route: 'POST /identity/tokens',
    input: z.object({
      kind: z.enum(['producer', 'service']),
      label: z.string().trim().min(1).max(200),
      scopes: z.array(Scope).max(100).default([]),
      producers: Producers.min(1).optional(),
      tier: z.string().min(1).max(64).optional(),
      /** An instant, or `never`; 90 days unless said. */
      expiresAt: z.union([z.iso.datetime({ offset: true }), z.literal('never')]).optional(),
    }),
    output: Issued,
    errors: ['scope_exceeded', 'producer_not_allowed'],
    secretOutput: true,
  }),
  rotateToken: operation({
    ...tokens,
    name: 'identity.rotateToken',
    summary: 'Give a token a new secret; the old one works on for the overlap',
    route: 'POST /identity/tokens/:id/rotate',
    input: Id.extend({ overlapSeconds: z.number().int().min(0).max(2_592_000).optional() }),
    output: Issued,
    errors: ['not_found', 'scope_exceeded'],
    always: true,
    secretOutput: true,
  }),
  revokeToken: operation({
    ...tokens,
    name: 'identity.revokeToken',
    summary: 'End a token now',
    route: 'DELETE /identity/tokens/:id',
    input: Id,
    output: z.undefined(),
    errors: ['not_found'],
    always: true,
    status: 204,
  }),
  mintToken: operation({
    name: 'identity.mintToken',
    summary: 'Sign a short-lived token for a function user or a service',
    route: 'POST /identity/mint',
    input: z.discriminatedUnion('class', [
      z.object({
        class: z.literal('user'),
        subject: Subject,
        groups: z
          .array(z.string().regex(/^[\w.:-]{1,64}$/))
          .max(50)
          .optional(),
        /** Seconds, 60 to 86,400. */
        ttl: Ttl,
      }),
      z.object({
        class: z.literal('service'),
        subject: Subject,
        scopes: z.array(Scope).min(1).max(100),
        /** Seconds, 60 to 86,400. */
        ttl: Ttl,
      }),
    ]),
    output: TokenPair,
    errors: ['scope_exceeded'],
    permission: 'identity:mint',
    effect: 'write',
    journaled: 'operators',
    secretOutput: true,
  }),
  listKeys: operation({
    ...keys,
    name: 'identity.listKeys',
    summary: 'The keys that sign and verify tokens',
    route: 'GET /identity/keys',
    input: none,
    output: z.object({ items: z.array(SigningKeyItem) }),
    effect: 'read',
  }),
  rotateKeys: operation({
    ...keys,
    name: 'identity.rotateKeys',
    summary: 'Publish the next signing key; it signs once every verifier has had time to see it',
    route: 'POST /identity/keys/rotate',
    input: none,
    output: z.object({ items: z.array(SigningKeyItem) }),
    effect: 'danger',
    proof: { word: 'ROTATE' },
  }),
  jwks: operation({
    name: 'identity.jwks',
    summary: 'The public keys that verify tokens of this server (RFC 7517)',
    route: 'GET /.well-known/jwks.json',
    input: none,
    output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
    permission: 'public',
    effect: 'read',
  }),
}

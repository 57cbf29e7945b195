import { z } from 'zod'
import { operation } from '../operation.ts'

/** Who is signed in, where, and what they may do. */
export const SessionView = z.object({
  actor: z.object({ principal: z.string(), class: z.string() }),
  tenant: z.string(),
  permissions: z.array(z.string()),
  environment: z.object({ name: z.string(), kind: z.enum(['production', 'staging', 'other']) }),
  expiresAt: z.string().nullable(),
})
export type SessionView = z.infer<typeof SessionView>

export const identity = {
  openSession: operation({
    name: 'identity.openSession',
    summary: 'Exchange a token or the local one-time ticket for a browser session',
    route: 'POST /session',
    input: z.object({ token: z.string().min(1).max(8_192) }),
    output: z.undefined(),
    errors: ['unauthenticated'],
    permission: 'public',
    effect: 'write',
    maxBody: 16_384,
    dataPlane: true,
    status: 204,
  }),
  readSession: operation({
    name: 'identity.readSession',
    summary: 'Who is signed in',
    route: 'GET /session',
    input: z.object({}),
    output: SessionView,
    permission: 'identity:self',
    effect: 'read',
  }),
  closeSession: operation({
    name: 'identity.closeSession',
    summary: 'End the browser session',
    route: 'POST /session/logout',
    input: z.object({}),
    output: z.undefined(),
    permission: 'public',
    effect: 'write',
    dataPlane: true,
    status: 204,
  }),
}

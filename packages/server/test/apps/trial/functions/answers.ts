import { backend, fault, http, perms } from '@quarterdeck/sdk/functions'
import { z } from 'zod'

const open = { perm: perms.R__, egroup: 'open' } as const

/** What it was given, as it was given. */
export const echo = backend({ ...open, args: [z.unknown()] }, (_ctx, value) => value)
export const two = backend({ ...open, args: [z.string(), z.number()] }, (_ctx, a, b) => ({ a, b }))
export const nothing = backend({ ...open }, () => undefined)
export const whoami = backend({ ...open }, (ctx) => ctx.actor)
export const raw = backend({ ...open }, () =>
  http(418, '<b>tea</b>', { 'content-type': 'text/html', 'set-cookie': 'a=b', 'x-pot': 'short' }),
)
export const rich = backend(
  {
    ...open,
    args: [z.coerce.bigint(), z.coerce.date(), z.base64url()],
    result: z.object({ big: z.bigint(), at: z.date(), bytes: z.instanceof(Uint8Array) }),
  },
  (_ctx, big, at) => ({ big: big + 1n, at, bytes: new Uint8Array([251, 255]) }),
)
export const missing = backend({ ...open }, () => {
  throw fault('not_found', 'There is no such ticket')
})
export const broken = backend({ ...open }, () => {
  throw new Error('the password is hunter2')
})
export const liar = backend({ ...open, result: z.string() }, () => 17 as unknown as string)
export const stubborn = backend({ ...open, deadlineMs: 200 }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  return 'late'
})
export const guarded = backend({ ...open, args: [z.string()] }, (_ctx, word) => word)
export const everything = backend({ perm: perms.RWX }, () => 'all three bits')
export const hidden = backend({ ...open, internal: true }, () => 'inside')

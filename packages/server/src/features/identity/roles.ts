import type { Role } from '@quarterdeck/sdk/contract/identity'
import type { Operation } from '@quarterdeck/sdk/operation'

type Known = readonly Pick<Operation, 'permission'>[]

/** Reads that not every viewer has. A wildcard could not leave them out, so the others are listed one by one. */
const closed = new Set(['identity:read', 'secrets:read'])

const added: Record<Exclude<Role, 'owner' | 'viewer'>, readonly string[]> = {
  support: ['assistant:chat', 'assistant:approve-own', 'identity:read'],
  developer: ['functions:*', 'records:write', 'telemetry:write'],
  operator: [
    'releases:*',
    'flags:*',
    'secrets:*',
    'assistant:approve',
    'identity:tokens',
    'identity:breakGlass',
  ],
}

/** The permissions of a role; `known` are the operations of the platform, whose reads a viewer holds. */
export function rolePermissions(role: Role, known: Known): string[] {
  if (role === 'owner') return ['*']
  const held = known
    .map(({ permission }) => permission)
    .filter((permission) => permission.endsWith(':read') && !closed.has(permission))
  for (const step of ['support', 'developer', 'operator'] as const) {
    if (role === 'viewer') break
    held.push(...added[step])
    if (role === step) break
  }
  return [...new Set(held)]
}

/** What a token of the settings holds when it names no scopes: the role developer, and identity:tokens. */
export function developerPermissions(known: Known): string[] {
  return [...rolePermissions('developer', known), 'identity:tokens']
}

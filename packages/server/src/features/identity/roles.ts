import type { Operation } from '@quarterdeck/sdk/operation'

const closed = new Set(['identity:read', 'secrets:read'])

/** What a bootstrap token without scopes of its own holds: the role developer, and identity:tokens. */
export function developerPermissions(operations: readonly Pick<Operation, 'permission'>[]): string[] {
  const reads = operations
    .map((operation) => operation.permission)
    .filter((permission) => permission.endsWith(':read') && !closed.has(permission))
  const own = [
    'assistant:chat',
    'assistant:approve-own',
    'identity:read',
    'functions:*',
    'records:write',
    'telemetry:write',
  ]
  return [...new Set([...reads, ...own, 'identity:tokens'])]
}

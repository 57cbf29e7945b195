import { codes, Problem } from '@quarterdeck/sdk/errors'
import type { Operation } from '@quarterdeck/sdk/operation'
import { z } from 'zod'

type Schema = Record<string, unknown>

const schemaOf = (type: z.ZodType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    target: 'draft-2020-12',
  })
  return schema
}

function requestOf(operation: Operation, pathNames: readonly string[]) {
  const method = operation.route.split(' ', 1)[0]
  const takesBody = method !== 'GET' && method !== 'DELETE'
  const named = operation.source === 'fields' || operation.source === 'arguments'
  const schema = named ? schemaOf(operation.input, 'input') : {}
  const properties = (schema.properties ?? {}) as Record<string, Schema>
  const required = new Set((schema.required ?? []) as string[])
  const parameters = Object.entries(properties)
    .filter(([name]) => pathNames.includes(name) || !takesBody)
    .map(([name, member]) => {
      const inPath = pathNames.includes(name)
      return { name, in: inPath ? 'path' : 'query', required: inPath || required.has(name), schema: member }
    })
  const rest = Object.fromEntries(Object.entries(properties).filter(([name]) => !pathNames.includes(name)))
  const whole =
    operation.source === 'fields'
      ? { type: 'object', properties: rest, required: [...required].filter((name) => name in rest) }
      : {}
  const body =
    operation.source === 'bytes'
      ? { type: 'string', format: 'binary' }
      : operation.source === 'arguments'
        ? properties.args
        : whole
  const content = Object.fromEntries(operation.accepts.map((type) => [type, { schema: body }]))
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesBody && (operation.source !== 'fields' || Object.keys(rest).length > 0)
      ? { requestBody: { required: true, content } }
      : {}),
  }
}

/** The contract as an OpenAPI 3.1 document. */
export function openApi(
  operations: readonly Operation[],
  about: { readonly title: string; readonly version: string },
): Schema {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const [method, route] = operation.route.split(' ') as [string, string]
    const names = [...route.matchAll(/:(\w+)/g)].map((match) => match[1] as string)
    const path = route.replace(/:(\w+)/g, '{$1}')
    const own = [...new Set(operation.errors.map((code) => codes[code][0]))]
    const problem = {
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }
    const failures = Object.fromEntries(
      own.map((status) => {
        const here = operation.errors.filter((code) => codes[code][0] === status)
        return [
          String(status),
          { description: here.map((code) => `${code}: ${codes[code][1]}`).join('; '), ...problem },
        ]
      }),
    )
    const success =
      operation.status === 204
        ? { description: 'Done' }
        : operation.status === 302
          ? { description: 'Elsewhere', headers: { Location: { schema: { type: 'string' } } } }
          : {
              description: 'Success',
              content: { 'application/json': { schema: schemaOf(operation.output, 'output') } },
            }
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        operationId: operation.name,
        summary: operation.summary,
        tags: [operation.name.split('.', 1)[0]],
        ...(operation.permission === 'public' ? { security: [] } : {}),
        'x-permission': operation.permission,
        'x-effect': operation.effect,
        ...requestOf(operation, names),
        responses: {
          [String(operation.status)]: success,
          ...failures,
          default: { description: 'Any other failure', ...problem },
        },
      },
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: about.title, version: about.version },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

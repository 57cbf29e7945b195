import { attributesAt, objectAt, textAt } from './values.ts'

type Fields = Readonly<Record<string, unknown>>

/** What every record of one scope shares: the resource it came from and the library that made it. */
export interface Origin {
  readonly resource: Fields
  readonly scope: Fields
}

/** Where a group of signals came from. */
export function originOf(group: Fields, scoped: Fields): Origin {
  const scope = objectAt(scoped, 'scope')
  const attributes = attributesAt(scope, 'attributes')
  const name = textAt(scope, 'name')
  const version = textAt(scope, 'version')
  return {
    resource: attributesAt(objectAt(group, 'resource'), 'attributes'),
    scope: present({ name, version, attributes: isEmpty(attributes) ? undefined : attributes }),
  }
}

/** The members all OTLP records have, and those that gen_ai attributes fill. */
export function sharedFields(origin: Origin, attributes: Fields, traceId: string | undefined): Fields {
  const { resource, scope } = origin
  const text = (key: string) => nonEmpty(attributes[key])
  const service = nonEmpty(resource['service.name'])
  const session = text('session.id') ?? nonEmpty(resource['session.id']) ?? traceId ?? service ?? 'unknown'
  const agent = present({ name: text('gen_ai.agent.name') })
  const hook = present({ model: text('gen_ai.response.model') ?? text('gen_ai.request.model') })
  const tool = present({ name: text('gen_ai.tool.name') })
  const usage = present({
    input_tokens: count(attributes['gen_ai.usage.input_tokens'] ?? attributes['gen_ai.usage.prompt_tokens']),
    output_tokens: count(
      attributes['gen_ai.usage.output_tokens'] ?? attributes['gen_ai.usage.completion_tokens'],
    ),
    estimated_cost_usd: amount(attributes['gen_ai.usage.cost']),
  })
  return present({
    session_id: session.slice(0, 200),
    agent: isEmpty(agent) ? undefined : agent,
    hook: isEmpty(hook) ? undefined : hook,
    tool: isEmpty(tool) ? undefined : tool,
    usage: isEmpty(usage) ? undefined : usage,
    service,
    resource: isEmpty(resource) ? undefined : resource,
    scope: isEmpty(scope) ? undefined : scope,
    attributes: isEmpty(attributes) ? undefined : attributes,
  })
}

/** The members that are there. */
export function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function isEmpty(fields: Fields): boolean {
  return Object.keys(fields).length === 0
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

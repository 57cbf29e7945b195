const names = new Set([
  'prompt',
  'prompts',
  'completion',
  'completions',
  'gen_ai.event.content',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
])
/** Also in parts, such as `gen_ai.prompt.0.content`. */
const said = /^gen_ai\.(prompt|completion)(\.|$)/
const ofTool = new Set(['input', 'output', 'arguments', 'result'])

/** Whether a member holds what a person or a model said, or what a tool was given: it is not kept unless asked for. */
export function isContent(path: readonly string[]): boolean {
  const key = path.at(-1) ?? ''
  return names.has(key) || said.test(key) || (path.at(-2) === 'tool' && ofTool.has(key))
}

/** Whether a JSON text has a member of such a name at all. */
export function mayHoldContent(json: string): boolean {
  return /"(?:prompts?|completions?|gen_ai\.|input|output|arguments|result)/.test(json)
}

import type { IncomingMessage } from 'node:http'

const longest = 4_096

/** A small JSON body; undefined when it is none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > longest) return undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

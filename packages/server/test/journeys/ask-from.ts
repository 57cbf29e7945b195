import { request } from 'node:http'

/** A request as any program could send it. */
export interface Asking {
  readonly method?: string
  readonly body?: string
  /** The content type of the body; JSON unless said. */
  readonly type?: string
  readonly headers?: Record<string, string>
}

let asks = 0

/** Asks with plain node:http, which sends any header, each time from another address, so that no limit speaks first. */
export function askFrom(
  origin: string,
  path: string,
  asking: Asking,
): Promise<{ status: number; text: string }> {
  asks += 1
  const headers = {
    'x-forwarded-for': `10.2.${asks >> 8}.${asks & 255}`,
    ...(asking.body === undefined ? {} : { 'content-type': asking.type ?? 'application/json' }),
    ...asking.headers,
  }
  const method = asking.method ?? (asking.body === undefined ? 'GET' : 'POST')
  return new Promise((resolve, reject) => {
    const asked = request(`${origin}${path}`, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(asking.body)
  })
}

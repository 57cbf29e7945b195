import { request } from 'node:http'
import type { Stage } from '../stage.ts'

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** As JSON where it is; else undefined. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  /** Goes as JSON. */
  readonly body?: unknown
  /** Whether it goes without the stage's token. */
  readonly bare?: true
}

/** One request to a stage as a program makes it: any `Host`, any `Origin`, with the stage's token unless `bare`. */
export function ask(
  stage: Pick<Stage, 'url' | 'token'>,
  route: string,
  asking: Asking = {},
): Promise<Answered> {
  const [method = 'GET', path = '/'] = route.split(' ')
  const { hostname, port } = new URL(stage.url)
  const text = asking.body === undefined ? null : JSON.stringify(asking.body)
  const headers = {
    ...(asking.bare ? {} : { authorization: `Bearer ${stage.token}` }),
    ...(text === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...asking.headers,
  }
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let said = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(said) : undefined,
        }),
      )
    })
    asked.on('error', reject)
    asked.end(text ?? undefined)
  })
}

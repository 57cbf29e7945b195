import { get } from 'node:http'

/** What came back, and how long it took in milliseconds. */
export interface Probed {
  readonly status: number
  readonly body: string
  readonly ms: number
}

/** One GET over the network. Rejects when nobody answers. */
export function probe(url: string): Promise<Probed> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const request = get(url, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, ms: performance.now() - started }),
      )
    })
    request.on('error', reject)
    request.setTimeout(5_000, () => request.destroy(new Error('no answer in 5 s')))
  })
}

import { request } from 'node:http'

/** One event as it came over the wire. */
export interface Told {
  readonly id: string | undefined
  readonly event: string
  readonly data: Record<string, unknown> & { topic?: string; position?: number }
}

/** A reader of the live feed that can stop reading, and whose connection can be cut. */
export interface Reader {
  readonly told: Told[]
  readonly status: Promise<number>
  /** Whether the server has ended the stream. */
  ended(): boolean
  /** Takes nothing more from the socket. */
  pause(): void
  resume(): void
  cut(): void
}

/** Opens the live feed with plain node:http. */
export function readStream(url: string, token: string, path: string, lastEventId?: string): Reader {
  const told: Told[] = []
  let over = false
  let pause = () => {}
  let resume = () => {}
  let cut = () => {}
  const status = new Promise<number>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    }
    const asked = request(`${url}${path}`, { headers }, (response) => {
      resolve(response.statusCode ?? 0)
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const fields = new Map(
            block
              .split('\n')
              .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
          )
          const data = fields.get('data')
          if (data !== undefined)
            told.push({
              id: fields.get('id'),
              event: fields.get('event') ?? 'message',
              data: JSON.parse(data),
            })
        }
      })
      response.on('close', () => {
        over = true
      })
      response.on('error', () => {
        over = true
      })
      pause = () => response.pause()
      resume = () => response.resume()
    })
    asked.on('error', reject)
    asked.end()
    cut = () => asked.destroy()
  })
  status.catch(() => undefined)
  return { told, status, ended: () => over, pause: () => pause(), resume: () => resume(), cut: () => cut() }
}

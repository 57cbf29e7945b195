/** A browser as far as a test needs one: it keeps cookies and says its origin. */
export interface TestBrowser {
  /** One request to the server; the body goes as JSON. */
  ask(route: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>
  /** The cookies it holds, as a header. */
  cookies(): string
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** The answer as JSON; undefined when it had no body. */
  readonly body: Record<string, unknown> & { readonly code?: string }
}

/** Opens a browser at a server. */
export function browserAt(url: string, origin = url): TestBrowser {
  const jar = new Map<string, string>()
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookies,
    async ask(route, body, headers = {}) {
      const [method = 'GET', path = '/'] = route.split(' ')
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(jar.size === 0 ? {} : { cookie: cookies() }),
          ...(method === 'GET' ? {} : { origin }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';')
        const mark = pair.indexOf('=')
        if (/max-age=0/i.test(line)) jar.delete(pair.slice(0, mark))
        else jar.set(pair.slice(0, mark), pair.slice(mark + 1))
      }
      const text = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : JSON.parse(text),
      }
    },
  }
}

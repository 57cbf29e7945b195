/** What the settings say of the edge: who may reach it from where, how much of it, and for how long. */
export interface EdgeSettings {
  /** The origin that people reach this server by; null in local mode: then it is whatever loopback name was called. */
  readonly publicOrigin: string | null
  /** Other values of `Host`; one without a port stands for every port. */
  readonly allowedHosts: readonly string[]
  /** Other origins whose pages may call the API; `*` is any, in local mode alone. */
  readonly allowedOrigins: readonly string[]
  readonly cors: {
    /** Whether pages elsewhere may send cookies; never with `*`. */
    readonly credentials: boolean
    /** Null: what the path takes by the contract. */
    readonly methods: readonly string[] | null
    /** Null: what the contract's operations read. */
    readonly headers: readonly string[] | null
    readonly maxAgeSeconds: number
  }
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers count. */
  readonly trustedProxies: readonly string[]
  /** Local mode: loopback names are hosts of ours. */
  readonly loopback: boolean
  /** Name of the header that may carry a credential beside `Authorization`. */
  readonly apiKeyHeader: string
  /** Name of the query field that may carry a credential; null: none may. */
  readonly apiKeyQuery: string | null
  /** Paths that need no credential, of `/health`, `/ready` and `/openapi.json`. */
  readonly bypassPaths: readonly string[]
  /** Bytes of a body, inflated, where the operation does not say. */
  readonly maxBody: number
  /** What a handler has, where the operation does not say, ms. */
  readonly requestTimeoutMs: number
  readonly maxConnections: number
  /** How long everything is still served once the server is told to stop, ms. */
  readonly drainDelayMs: number
}

/** Whether pages and cookies are for https only: the public origin says so. */
export function isSecure({ publicOrigin }: Pick<EdgeSettings, 'publicOrigin'>): boolean {
  return publicOrigin?.startsWith('https:') ?? false
}

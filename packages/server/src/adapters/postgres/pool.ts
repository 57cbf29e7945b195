import pg from 'pg'

/** SQLSTATEs that say the engine is away or going: connection class 08, shutdown, starting up, no such database, full. */
const lostStates = new Set(['57P01', '57P02', '57P03', '57P05', '3D000', '53300'])
const lostCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
// node-postgres gives these without a code.
const lostWords = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Query read timeout',
]

/** Whether an error says that the engine is away, so that nobody knows what became of a statement already sent. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (lostCodes.has(code) || lostStates.has(code) || /^08[0-9A-Z]{3}$/.test(code)) return true
  if (error instanceof AggregateError && error.errors.some(isLost)) return true
  return lostWords.some((words) => error.message.includes(words))
}

/**
 * Opens a pool of at most `max` connections. A connection that breaks is dropped and never ends the process; whoever
 * waits on it gets the error. `connectTimeoutMs` bounds the wait for a free or new connection.
 */
export function openPool(options: {
  readonly url: string
  readonly max: number
  readonly connectTimeoutMs?: number
  readonly applicationName?: string
}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'quarterdeck',
  })
  const ignore = () => undefined
  pool.on('error', ignore)
  // A connection that breaks while lent out tells its own listeners; without one the process would end.
  pool.on('connect', (client) => client.on('error', ignore))
  return pool
}

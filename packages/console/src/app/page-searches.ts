import { measures } from '@quarterdeck/sdk/contract/telemetry-query'
import { oneOf, word, words } from './search-params.ts'

/** What each page keeps in the URL. Anything else there, or of another shape, counts as absent. */
type Given = Record<string, unknown>

export interface AtSearch {
  /** A position or an instant; absent: now, and live. */
  at?: string | undefined
}

export interface ListSearch extends AtSearch {
  product?: string | undefined
  q?: string | undefined
}

export const presets = ['live', '15m', '24h', '7d', 'custom'] as const

export interface TelemetrySearch {
  preset?: (typeof presets)[number] | undefined
  from?: string | undefined
  to?: string | undefined
  q?: string | undefined
  filter?: readonly string[] | undefined
  measure?: (typeof measures)[number] | undefined
  by?: string | undefined
  sort?: 'asc' | 'desc' | undefined
}

export const views = ['cost', 'funnel', 'value', 'delegations'] as const

export interface EconomicsSearch {
  view?: (typeof views)[number] | undefined
  from?: string | undefined
  to?: string | undefined
}

export const callWindows = ['15m', '24h', '7d'] as const
export const callOutcomes = ['ok', 'refused', 'failed', 'conflict', 'timeout', 'overloaded'] as const

export interface FunctionsSearch {
  window?: (typeof callWindows)[number] | undefined
}

export interface FunctionSearch extends FunctionsSearch {
  outcome?: (typeof callOutcomes)[number] | undefined
}

export interface TablesSearch {
  /** A commit's number or an instant; absent: now. */
  asOf?: string | undefined
}

export interface TableSearch extends TablesSearch {
  /** Conditions by field, as the JSON that the API takes. */
  where?: string | undefined
  /** A field, with `:desc` for descending. */
  orderBy?: string | undefined
  /** The id of the one row that is looked at. */
  row?: string | undefined
}

export const identityParts = ['people', 'tokens', 'account', 'keys', 'mail'] as const

export interface IdentitySearch {
  part?: (typeof identityParts)[number] | undefined
}

export interface SignInSearch {
  returnTo?: string | undefined
  /** The tenant to sign in to, for those who are members of several. */
  tenant?: string | undefined
}

export const signInSearch = (given: Given): SignInSearch => ({
  returnTo: word(given.returnTo),
  tenant: word(given.tenant),
})

export const identitySearch = (given: Given): IdentitySearch => ({ part: oneOf(given.part, identityParts) })

export const atSearch = (given: Given): AtSearch => ({ at: word(given.at) })

export const listSearch = (given: Given): ListSearch => ({
  at: word(given.at),
  product: word(given.product),
  q: word(given.q),
})

export const telemetrySearch = (given: Given): TelemetrySearch => ({
  preset: oneOf(given.preset, presets),
  from: word(given.from),
  to: word(given.to),
  q: word(given.q),
  filter: words(given.filter),
  measure: oneOf(given.measure, measures),
  by: word(given.by),
  sort: oneOf(given.sort, ['asc', 'desc']),
})

export const economicsSearch = (given: Given): EconomicsSearch => ({
  view: oneOf(given.view, views),
  from: word(given.from),
  to: word(given.to),
})

export const functionsSearch = (given: Given): FunctionsSearch => ({
  window: oneOf(given.window, callWindows),
})

export const functionSearch = (given: Given): FunctionSearch => ({
  window: oneOf(given.window, callWindows),
  outcome: oneOf(given.outcome, callOutcomes),
})

export const tablesSearch = (given: Given): TablesSearch => ({ asOf: word(given.asOf) })

export const tableSearch = (given: Given): TableSearch => ({
  asOf: word(given.asOf),
  where: word(given.where),
  orderBy: word(given.orderBy),
  row: word(given.row),
})

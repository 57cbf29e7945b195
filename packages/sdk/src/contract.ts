import { functionFeeds, functions } from './contract/functions.ts'
import { identity } from './contract/identity.ts'
import { recordFeeds, records } from './contract/records.ts'
import { telemetry, telemetryFeeds } from './contract/telemetry.ts'
import type { Feed, Operation } from './operation.ts'

/** Every operation of the platform by area and verb. */
export const contract = { records, telemetry, functions, identity } as const

/** Every topic of the live feed. */
export const feeds = { ...recordFeeds, ...telemetryFeeds, ...functionFeeds } as const

export type Contract = typeof contract
export type Topic = keyof typeof feeds

/** All operations in one list, in the order they are declared. */
export function operations(): Operation[] {
  return Object.values(contract).flatMap((area) => Object.values<Operation>(area))
}

/** All topics in one list. */
export function topics(): Feed[] {
  return Object.values<Feed>(feeds)
}

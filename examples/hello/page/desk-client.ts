import { type AnswerOf, createClient } from '@quarterdeck/sdk/client'
import { createLiveHook } from '@quarterdeck/sdk/live-hook'
import { createContext, useContext, useSyncExternalStore } from 'react'
import { app } from '../app/dist/client/index.js'
import type { firstPeople } from '../app/first-people.ts'
import type * as boardFunctions from '../app/functions/board.ts'

/** Who looks at this page, and what lets the page speak for them. */
export interface Session {
  readonly person: (typeof firstPeople)[number]
  /** Where the functions are. */
  readonly url: string
  readonly token: string
}

/** The client of the app, typed by what was generated from its functions. */
export function openDesk({ url, token }: Session) {
  return createClient({ url, token, app })
}
export type Desk = ReturnType<typeof openDesk>

export type Board = AnswerOf<typeof boardFunctions.board>
export type Card = Board['open'][number]
export type Column = keyof Board
export type Ticket = NonNullable<AnswerOf<typeof boardFunctions.ticket>>
export type Person = AnswerOf<typeof boardFunctions.people>[number]

/** React over live queries: `const { result } = useQuery(desk.live.board, [])`. */
export const useQuery = createLiveHook(useSyncExternalStore)

/** What every part of the desk works with. */
export interface AtDesk {
  readonly desk: Desk
  readonly me: Session['person']
  readonly people: readonly Person[]
  /** Does something, and says so if it was refused. Answers whether it was done. */
  readonly act: (work: Promise<unknown>) => Promise<boolean>
  /** Why the last thing was refused. */
  readonly problem: string | null
  readonly dismiss: () => void
}

export const AtDeskContext = createContext<AtDesk | null>(null)

export function useDesk(): AtDesk {
  const at = useContext(AtDeskContext)
  if (at === null) throw new Error('outside the desk')
  return at
}

/** The name of a principal: somebody at the desk, or a program. */
export function nameOf(people: readonly Person[], id: string): string {
  return people.find((one) => one.id === id)?.name ?? (id.startsWith('fn:') ? 'The desk itself' : id)
}

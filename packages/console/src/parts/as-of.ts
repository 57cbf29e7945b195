import { createContext } from 'react'

/** The time, in Unix ms, of the state that is shown; null where it is now's. Lengths of time are told as they were then. */
export const AsOf = createContext<number | null>(null)

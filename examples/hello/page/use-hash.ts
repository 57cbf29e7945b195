import { useSyncExternalStore } from 'react'

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

/** The number of the ticket that the address names, such as `#12`. */
export function useTicketNumber(): number | null {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  const number = /^#(\d{1,9})$/.exec(hash)?.[1]
  return number === undefined ? null : Number(number)
}

/** Names a ticket in the address, or none. */
export function showTicket(number: number | null): void {
  location.hash = number === null ? '' : String(number)
}

import { useEffect, useRef } from 'react'

/** Reads anew once a commit came after what was read; what is looked at as of the past stays as it is. */
export function useNewest(last: number, isPast: boolean, refetch: () => unknown): void {
  const known = useRef(last)
  const read = useRef(refetch)
  read.current = refetch
  useEffect(() => {
    if (last === known.current) return
    known.current = last
    if (!isPast) read.current()
  }, [last, isPast])
}

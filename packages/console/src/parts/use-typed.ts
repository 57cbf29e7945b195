import { useEffect, useRef, useState } from 'react'

const rest = 300

/** Text being typed, handed on when typing rests; it follows its value when that changes from outside. */
export function useTyped(value: string, onRest: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(value)
  const handOn = useRef(onRest)
  handOn.current = onRest
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => handOn.current(typed), rest)
    return () => clearTimeout(timer)
  }, [typed, value])
  return [typed, setTyped]
}

import classes from './bits.module.css'

const letters = [
  [4, 'R'],
  [2, 'W'],
  [1, 'X'],
] as const

/** Permission bits as the marks R, W and X; what the third one means depends on what the bits are of. */
export function Bits(props: { readonly bits: number; readonly third: 'execute' | 'delete' }) {
  const { bits, third } = props
  const said = bitWords(bits, third)
  return (
    <span className={classes.bits} title={said}>
      {letters.map(([bit, letter]) => (
        <span key={letter} aria-hidden="true" data-held={(bits & bit) !== 0}>
          {(bits & bit) === 0 ? '–' : letter}
        </span>
      ))}
      <span className="visually-hidden">{said}</span>
    </span>
  )
}

/** Bits in words: `read, write`; `nothing` for none. */
export function bitWords(bits: number, third: 'execute' | 'delete'): string {
  const words = { R: 'read', W: 'write', X: third }
  const held = letters.filter(([bit]) => (bits & bit) !== 0).map(([, letter]) => words[letter])
  return held.length === 0 ? 'nothing' : held.join(', ')
}

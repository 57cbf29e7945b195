/** Somebody's initials, in a colour that is theirs. Beside their name, or with it as the label. */
export function Avatar({
  id,
  name,
  large,
  alone,
}: {
  readonly id: string
  readonly name: string
  readonly large?: boolean
  /** Nothing beside it says the name. */
  readonly alone?: boolean
}) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
  const sum = [...id].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 6, 0)
  const described =
    alone === true ? ({ role: 'img', 'aria-label': name, title: name } as const) : { 'aria-hidden': true }
  return (
    <span className={large === true ? 'avatar large' : 'avatar'} data-tone={sum} {...described}>
      {initials}
    </span>
  )
}

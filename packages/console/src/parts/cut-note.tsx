import type { ArrayName } from '@quarterdeck/sdk/contract/record'
import type { OperatingState } from '@quarterdeck/sdk/contract/state'
import { number } from './format/number.ts'
import { words } from './format/words.ts'

/** Says of which arrays the state holds a part alone, so that lists made from them may lack something. */
export function CutNote(props: { readonly state: OperatingState; readonly arrays: readonly ArrayName[] }) {
  const { state, arrays } = props
  const cut = arrays.filter((name) => state.truncated.includes(name))
  if (cut.length === 0) return null
  const parts = cut.map((name) => {
    const whole = number(state.counts[name]?.total ?? null)
    return `${number(state[name].length)} of ${whole} ${words(name)}`
  })
  return (
    <p className="muted" role="note">
      This page knows {parts.join(', ')}, the unfinished first: some may be missing from its lists.
    </p>
  )
}

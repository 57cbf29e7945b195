import type { Contract } from '@quarterdeck/sdk/contract'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { Link } from '@tanstack/react-router'
import { duration } from '../../parts/format/duration.ts'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import classes from './functions.module.css'

export type RunOutput = OutputOf<Contract['functions']['run']>

/** More characters than this make a page slow, and are read by nobody. */
const longest = 200_000

/** What a run gave, how long it took, and the commit that it made. */
export function RunResult({ output }: { readonly output: RunOutput }) {
  const { result, number, ms } = output
  const text = result === undefined ? undefined : JSON.stringify(result, null, 2)
  const cut = text !== undefined && text.length > longest
  return (
    <div className={classes.result}>
      <p role="status">
        Done in {duration(ms)}
        {number === undefined ? (
          '; nothing was written.'
        ) : (
          <>
            ; it made{' '}
            <Link to="/tables" search={{ asOf: String(number) }}>
              commit {number}
            </Link>
            .
          </>
        )}
        {text === undefined ? ' It gave no result.' : null}
      </p>
      {text === undefined ? null : (
        <ScrollRegion className={classes.json} label="Result">
          <pre>{cut ? text.slice(0, longest) : text}</pre>
        </ScrollRegion>
      )}
      {cut ? <p className="muted">The rest of {text.length} characters is left out.</p> : null}
    </div>
  )
}

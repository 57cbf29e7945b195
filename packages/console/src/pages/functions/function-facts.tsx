import { Bits, bitWords } from '../../parts/bits.tsx'
import { Facts } from '../../parts/facts.tsx'
import { duration } from '../../parts/format/duration.ts'
import { none, number, percent } from '../../parts/format/number.ts'
import { RawFields } from '../../parts/raw-fields.tsx'
import { Section } from '../../parts/section.tsx'
import { describeSchema } from './describe-schema.ts'
import classes from './functions.module.css'
import type { CallWindow, FunctionItem } from './functions-query.ts'
import { rate } from './rate.ts'

const time = (ms: number | null) => (ms === null ? none : duration(ms))

/** How a function did, what it is built with, and what it takes and gives. */
export function FunctionFacts(props: { readonly fn: FunctionItem; readonly window: CallWindow }) {
  const { fn, window } = props
  const lent = Object.entries(fn.elevate).map(([table, bits]) => `${table}: ${bitWords(bits, 'delete')}`)
  return (
    <div className="grid-2">
      <Section title="How it does" note={`in ${{ '15m': '15 min', '24h': '24 h', '7d': '7 d' }[window]}`}>
        <Facts
          facts={{
            Calls: number(fn.calls),
            Rate: rate(fn.rate),
            'Median (p50)': time(fn.p50),
            '95th percentile (p95)': time(fn.p95),
            Errors: percent(fn.errorShare),
          }}
        />
        <Signature fn={fn} />
      </Section>
      <Section title="How it is built">
        <Facts
          facts={{
            'Needs the bits': <Bits bits={fn.perm} third="execute" />,
            'of the endpoint group': <code>{fn.egroup}</code>,
            'Caller must be in': fn.ugroup ?? 'no group in particular',
            Isolation: fn.isolation,
            'Repeats after a conflict': number(fn.retry),
            Deadline: duration(fn.deadlineMs),
            'Live query': fn.live ? 'yes' : 'no',
            Reached: fn.internal ? 'by ctx.call only' : 'by callers',
            Schedule: fn.cron === null ? undefined : <code>{fn.cron} (UTC)</code>,
            'Elevated on': lent.join('; '),
            File: <code>{fn.file}</code>,
            Hash: <code className={classes.hash}>{fn.hash}</code>,
          }}
        />
      </Section>
    </div>
  )
}

function Signature({ fn }: { readonly fn: FunctionItem }) {
  return (
    <div className={classes.signature}>
      <h3>Takes</h3>
      {fn.args.length === 0 ? <p className="muted">No arguments.</p> : null}
      <ol>
        {fn.args.map((schema, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an argument is known by its place alone
          <li key={at}>
            <code className="break">{describeSchema(schema)}</code>
          </li>
        ))}
      </ol>
      <h3>Gives</h3>
      <p>
        {fn.result === null ? (
          <span className="muted">Whatever it returns; it declares no schema.</span>
        ) : (
          <code className="break">{describeSchema(fn.result)}</code>
        )}
      </p>
      <RawFields
        label="JSON Schemas"
        name={`JSON Schemas of ${fn.name}`}
        value={{ args: fn.args, result: fn.result }}
      />
    </div>
  )
}

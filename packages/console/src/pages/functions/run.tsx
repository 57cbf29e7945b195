import { TextInput } from '@mantine/core'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useMemo, useState } from 'react'
import { client } from '../../app/client.ts'
import { useProved } from '../../app/proof/use-proved.ts'
import { whyNot } from '../../app/why-not.ts'
import { Problem } from '../../parts/problem.tsx'
import { Section } from '../../parts/section.tsx'
import { ArgumentField } from './argument-field.tsx'
import { callerGroup, forbiddenHint } from './caller-group.ts'
import { fieldOf } from './field-of.ts'
import classes from './functions.module.css'
import type { FunctionItem } from './functions-query.ts'
import { issuesOf } from './issues-of.ts'
import { type Draft, readArguments } from './read-arguments.ts'
import { RunButton } from './run-button.tsx'
import { type RunOutput, RunResult } from './run-result.tsx'

/** Runs a function by hand: a field for each argument as its schema says, and what came of it. */
export function Run(props: { readonly fn: FunctionItem; readonly session: SessionView }) {
  const { fn, session } = props
  const fields = useMemo(() => fn.args.map((schema) => fieldOf(schema)), [fn.args])
  const [drafts, setDrafts] = useState<readonly Draft[]>([])
  const [asOf, setAsOf] = useState('')
  const [tried, setTried] = useState(false)
  const [output, setOutput] = useState<RunOutput | null>(null)
  const { perform, busy, error } = useProved(client.functions.run, setOutput)
  const group = callerGroup(session)
  const hint = forbiddenHint(error, fn, group)
  const reads = (fn.perm & 3) === 0
  const executes = (fn.perm & 1) !== 0
  const { args, issues: unread } = readArguments(fields, drafts)
  const reason = fn.internal
    ? 'It is internal: only other functions and schedules reach it'
    : whyNot(session, 'functions:run', { asOperator: executes })
  // What the server said belongs to what was sent; what cannot be read is told once somebody tried.
  const issues = tried && unread.length > 0 ? unread : issuesOf(error)

  function run(event: FormEvent): void {
    event.preventDefault()
    if (reason !== undefined || busy) return
    setTried(true)
    if (unread.length > 0) return
    setOutput(null)
    perform({ fn: fn.name, args, ...(reads && asOf.trim() !== '' ? { asOf: asOf.trim() } : {}) })
  }

  return (
    <Section
      title="Run it"
      note={`As yourself: a caller in the group ${group}, with the bits that the app gives it.`}
    >
      <form className={classes.form} onSubmit={run}>
        {fields.length === 0 ? <p className="muted">It takes no arguments.</p> : null}
        {fields.map((field, at) => (
          <ArgumentField
            // biome-ignore lint/suspicious/noArrayIndexKey: an argument is known by its place alone
            key={at}
            label={fields.length === 1 ? 'Argument' : `Argument ${at + 1}`}
            field={field}
            path={[at]}
            draft={drafts[at]}
            issues={issues}
            onChange={(draft) => setDrafts(fields.map((_, each) => (each === at ? draft : drafts[each])))}
          />
        ))}
        {reads ? (
          <TextInput
            label="As of"
            description="A commit's number, or a time such as 2026-01-31T12:00:00Z; empty: now"
            className={classes.short ?? ''}
            classNames={{ input: 'mono' }}
            value={asOf}
            onChange={(event) => setAsOf(event.currentTarget.value)}
          />
        ) : null}
        <RunButton perm={fn.perm} reason={reason} busy={busy} />
        {error === null ? null : <Problem error={error} />}
        {hint === undefined ? null : <p>{hint}</p>}
      </form>
      {output === null || busy ? null : <RunResult output={output} />}
    </Section>
  )
}

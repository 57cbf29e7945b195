import { Button } from '@mantine/core'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SecretOnce } from '../../../parts/secret-once.tsx'
import { Section } from '../../../parts/section.tsx'
import { StatusChip } from '../../../parts/status-chip.tsx'
import classes from '../identity.module.css'
import { EnrolDialog } from './enrol-dialog.tsx'

/** The second factor: whether there is one, and enrolling it or another in its place. */
export function Factor(props: { readonly session: SessionView }) {
  const { enrolled } = props.session
  const cache = useQueryClient()
  const [enrolling, setEnrolling] = useState(false)
  const [codes, setCodes] = useState<readonly string[] | null>(null)

  function finish(recoveryCodes: readonly string[]): void {
    setEnrolling(false)
    setCodes(recoveryCodes)
    // The session was replaced by one that knows of the factor.
    void cache.invalidateQueries({ queryKey: ['session'] })
    void cache.invalidateQueries({ queryKey: ['identity'] })
  }

  return (
    <Section
      title="Second factor"
      tools={
        <Button variant={enrolled ? 'default' : 'filled'} onClick={() => setEnrolling(true)}>
          {enrolled ? 'Replace' : 'Enrol'}
        </Button>
      }
    >
      <div className={classes.body}>
        <StatusChip status={enrolled ? 'enrolled' : 'not enrolled'} tone={enrolled ? 'good' : 'warn'} />
        <p>
          {enrolled
            ? 'An app on your phone shows its six digits. You need them to sign in, and to prove that you mean whatever is dangerous. Replacing it also makes new recovery codes.'
            : 'You sign in by mail alone, and nothing dangerous can be done: each such act needs the six digits of an authenticator app. Enrol one now.'}
        </p>
      </div>
      {enrolling ? <EnrolDialog onDone={finish} onClose={() => setEnrolling(false)} /> : null}
      {codes === null ? null : (
        <SecretOnce
          title="Your recovery codes"
          secret={codes.join('\n')}
          fileName="quarterdeck-recovery-codes.txt"
          onClose={() => setCodes(null)}
        >
          Your second factor is enrolled. Should you lose it, each of these ten codes signs you in once, to
          enrol a new one. Codes that you had before do not work any more.
        </SecretOnce>
      )}
    </Section>
  )
}

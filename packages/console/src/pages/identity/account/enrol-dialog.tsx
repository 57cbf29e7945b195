import type { Contract } from '@quarterdeck/sdk/contract'
import { Fault } from '@quarterdeck/sdk/errors'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { useEffect, useRef, useState } from 'react'
import { client } from '../../../app/client.ts'
import { lookAfterSession } from '../../../app/queries.ts'
import { changingSession } from '../../../app/session-change.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { Loading } from '../../../parts/loading.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { FactorForm } from './factor-form.tsx'
import { FactorSecret } from './factor-secret.tsx'

type Made = OutputOf<Contract['identity']['enrolTotp']>

/** Enrols a second factor: the code of the old one where there is one, then the new secret, then its first code. */
export function EnrolDialog(props: {
  readonly onDone: (recoveryCodes: readonly string[]) => void
  readonly onClose: () => void
}) {
  const { onDone, onClose } = props
  const begun = useRef(false)
  const [old, setOld] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function attempt(act: () => Promise<void>): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await act()
    } catch (failure) {
      lookAfterSession(failure)
      if (failure instanceof Fault && failure.code === 'totp_required') setOld(true)
      else setError(failure)
    }
    setBusy(false)
  }
  const begin = (code?: string) =>
    attempt(async () => setMade(await client.identity.enrolTotp(code === undefined ? {} : { code })))
  const confirm = (code: string) =>
    attempt(async () => {
      const { recoveryCodes } = await changingSession(() => client.identity.confirmTotp({ code }))
      onDone(recoveryCodes)
    })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the server says whether an old factor must agree
  useEffect(() => {
    // Once: a second secret would take the place of the first one while that is shown.
    if (begun.current) return
    begun.current = true
    void begin()
  }, [])

  return (
    <Dialog title="Enrol a second factor" opened onClose={onClose} firm={busy}>
      {error === undefined ? null : (
        <Problem error={error} {...(made === null && !old ? { retry: () => void begin() } : {})} />
      )}
      {made !== null ? (
        <>
          <FactorSecret made={made} />
          <FactorForm
            key="new"
            label="The code that the app shows now"
            act="Enrol"
            busy={busy}
            onCode={confirm}
            onCancel={onClose}
          />
        </>
      ) : old ? (
        <>
          <p>A factor is enrolled already. Its code is needed to put another in its place.</p>
          <FactorForm
            key="old"
            label="Code of the old factor"
            act="Go on"
            busy={busy}
            onCode={begin}
            onCancel={onClose}
          />
        </>
      ) : error === undefined ? (
        <Loading lines={3} what="a new secret" />
      ) : null}
    </Dialog>
  )
}

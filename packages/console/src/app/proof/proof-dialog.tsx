import { TextInput } from '@mantine/core'
import type { Asking } from '@quarterdeck/sdk/client/proved'
import { Fault, fault } from '@quarterdeck/sdk/errors'
import { type FormEvent, useEffect, useState } from 'react'
import { CodeInput, isWhole } from '../../parts/code-input.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { DialogButtons } from '../../parts/dialog-buttons.tsx'
import { client } from '../client.ts'
import { lookAfterSession } from '../queries.ts'
import { ProofRefusal } from './proof-refusal.tsx'
import { ChangedFacts, ShownFacts } from './shown-facts.tsx'

const wrong =
  'Not accepted: the word or the code is wrong, or the code was used already. A code counts once; wait for the next one.'
const late = 'Not accepted: what was shown had expired. It is shown anew; prove it with a new code.'

/** Shows exactly what a dangerous call would do, and asks for the word and the code that prove it is meant. */
export function ProofDialog(
  props: Asking & { readonly settle: (proof: string | null) => void; readonly turnAway: () => void },
) {
  const { demand, before, settle, turnAway } = props
  const { challenge, word, shown } = demand
  const [typed, setTyped] = useState('')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<unknown>()
  const changed = before !== null && before.actionHash !== demand.actionHash

  // biome-ignore lint/correctness/useExhaustiveDependencies: another challenge is what is to be proved anew
  useEffect(() => {
    setBusy(false)
    setCode('')
    if (!changed) return
    setTyped('')
    setRefusal(undefined)
  }, [challenge])

  async function prove(event: FormEvent): Promise<void> {
    event.preventDefault()
    // A dialog's events reach the page that opened it, through React; its form is not this one.
    event.stopPropagation()
    if (!ready) return
    setBusy(true)
    setRefusal(undefined)
    try {
      const { proof } = await client.identity.prove({
        challenge,
        code,
        ...(word === null ? {} : { word: typed }),
      })
      settle(proof)
    } catch (error) {
      if (error instanceof Fault && error.code === 'proof_invalid') {
        setRefusal(fault('proof_invalid', Date.now() > Date.parse(demand.expiresAt) ? late : wrong))
        // The challenge may be gone: it is asked for anew, and shows the same where nothing changed.
        return settle(null)
      }
      lookAfterSession(error)
      setRefusal(error)
      setBusy(false)
      setCode('')
    }
  }

  const ready = isWhole(code) && (word === null || typed === word)
  return (
    <Dialog title="Prove that you mean this" opened onClose={turnAway} firm={busy} wide={changed}>
      {changed ? (
        <>
          <p role="alert">
            <strong>This has changed since it was shown.</strong> Nothing was done. Look again, and prove it
            anew if you still mean it.
          </p>
          <ChangedFacts before={before.shown} now={shown} />
        </>
      ) : (
        <ShownFacts shown={shown} />
      )}
      <form onSubmit={(event) => void prove(event)}>
        {word === null ? null : (
          <TextInput
            label={`Type ${word} to go on`}
            size="sm"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            classNames={{ input: 'mono' }}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <CodeInput
          label="Code of your second factor"
          value={code}
          onChange={setCode}
          autoFocus={word === null}
        />
        {refusal === undefined ? null : <ProofRefusal error={refusal} onLeave={turnAway} />}
        {before !== null && !changed && refusal === undefined && !busy ? (
          <p role="alert">The proof did not stand any more, and nothing was done. Prove it anew.</p>
        ) : null}
        <DialogButtons act="Do it" danger busy={busy} disabled={!ready} onCancel={turnAway} />
      </form>
    </Dialog>
  )
}

import { Checkbox, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core'
import type { CredentialItem, SessionView } from '@quarterdeck/sdk/contract/identity'
import { type FormEvent, useState } from 'react'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogButtons } from '../../../parts/dialog-buttons.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { expiries, expiryOf } from './expiry.ts'
import { grantable } from './grantable.ts'
import { parseProducers } from './parse-producers.ts'
import classes from './tokens.module.css'
import type { Issued } from './tokens.tsx'

/** Makes a token that holds no more than its maker does. */
export function CreateToken(props: {
  readonly session: SessionView
  readonly onIssued: (issued: Issued) => void
  readonly onClose: () => void
}) {
  const { session, onIssued, onClose } = props
  const [kind, setKind] = useState<CredentialItem['kind']>('service')
  const [label, setLabel] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [speaksFor, setSpeaksFor] = useState('')
  const [tier, setTier] = useState('')
  const [expiry, setExpiry] = useState<string>('90')
  const { perform, busy, error } = useProved(client.identity.createToken, ({ token }) =>
    onIssued({ token, says: `“${label.trim()}” comes in with this token.` }),
  )
  const offered = grantable(session, kind)
  const scopes = offered.filter((scope) => chosen.includes(scope))
  const { producers, wrong } = parseProducers(speaksFor)
  const whole =
    label.trim() !== '' &&
    scopes.length > 0 &&
    (kind === 'service' || (producers.length > 0 && wrong.length === 0))

  function submit(event: FormEvent): void {
    event.preventDefault()
    const expiresAt = expiryOf(expiry, Date.now())
    perform({
      kind,
      label: label.trim(),
      scopes: [...scopes],
      ...(kind === 'producer' ? { producers: [...producers] } : {}),
      ...(tier.trim() === '' ? {} : { tier: tier.trim() }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })
  }

  return (
    <Dialog title="Create a token" opened onClose={onClose} firm={busy} wide>
      <form onSubmit={submit}>
        <SegmentedControl
          aria-label="Kind"
          data={[
            { value: 'service', label: 'For a service' },
            { value: 'producer', label: 'For a producer' },
          ]}
          value={kind}
          onChange={(value) => setKind(value === 'producer' ? 'producer' : 'service')}
        />
        <TextInput
          label="Label"
          description="Who or what comes in with it."
          size="sm"
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Checkbox.Group
          label="May do"
          description="A token holds nothing that you do not hold."
          value={[...scopes]}
          onChange={setChosen}
        >
          <div className={classes.scopes}>
            {offered.length === 0 ? <p>You hold nothing that such a token could be given.</p> : null}
            {offered.map((scope) => (
              <Checkbox key={scope} size="xs" value={scope} label={<code>{scope}</code>} />
            ))}
          </div>
        </Checkbox.Group>
        {kind === 'service' ? null : (
          <Textarea
            label="Speaks for"
            description="Its producers, one a line, as product/id. It can speak for no other."
            placeholder="flow/runner"
            size="sm"
            autosize
            minRows={2}
            spellCheck={false}
            value={speaksFor}
            onChange={(event) => setSpeaksFor(event.currentTarget.value)}
            {...(wrong.length === 0 ? {} : { error: `No product/id: ${wrong.join(', ')}` })}
          />
        )}
        <div className={classes.pair}>
          <Select
            label="Expires"
            size="sm"
            allowDeselect={false}
            data={[...expiries]}
            value={expiry}
            onChange={(value) => setExpiry(value ?? '90')}
          />
          <TextInput
            label="Tier of limits"
            description=""
            placeholder="the usual"
            size="sm"
            maxLength={64}
            value={tier}
            onChange={(event) => setTier(event.currentTarget.value)}
          />
        </div>
        {error === null ? null : <Problem error={error} />}
        <DialogButtons act="Create" busy={busy} disabled={!whole} onCancel={onClose} />
      </form>
    </Dialog>
  )
}

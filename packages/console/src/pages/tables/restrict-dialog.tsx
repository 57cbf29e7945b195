import { Checkbox } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { client } from '../../app/client.ts'
import { useProved } from '../../app/proof/use-proved.ts'
import { bitWords } from '../../parts/bits.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { DialogButtons } from '../../parts/dialog-buttons.tsx'
import { Problem } from '../../parts/problem.tsx'
import type { TableItem } from './tables-query.ts'

const bits = [
  { bit: 4, label: 'Read', what: 'get and query; pop and shift need it too' },
  { bit: 2, label: 'Write', what: 'set, update and push' },
  { bit: 1, label: 'Delete', what: 'delete; pop and shift need it too' },
] as const

/** Sets what a table permits to everybody, whatever their groups hold. */
export function RestrictDialog(props: { readonly table: TableItem; readonly onClose: () => void }) {
  const { table, onClose } = props
  const cache = useQueryClient()
  const [chosen, setChosen] = useState(table.permitted)
  const { perform, busy, error } = useProved(client.functions.restrict, () => {
    void cache.invalidateQueries({ queryKey: ['tables'], exact: true })
    onClose()
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    perform({ table: table.name, permissions: chosen })
  }
  return (
    <Dialog title={`Restrict ${table.name}`} opened onClose={onClose} firm={busy}>
      <p>
        It permits {bitWords(table.permitted, 'delete')} now; the app declares{' '}
        {bitWords(table.permissions, 'delete')}. What you set holds for every caller at once: transactions
        that run already fail at their commit.
      </p>
      <form onSubmit={submit}>
        {bits.map(({ bit, label, what }) => (
          <Checkbox
            key={bit}
            label={label}
            description={what}
            checked={(chosen & bit) !== 0}
            onChange={() => setChosen(chosen ^ bit)}
          />
        ))}
        {error === null ? null : <Problem error={error} />}
        <DialogButtons
          act="Restrict"
          danger
          busy={busy}
          disabled={chosen === table.permitted}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  )
}

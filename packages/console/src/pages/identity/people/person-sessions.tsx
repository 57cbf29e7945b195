import { Button } from '@mantine/core'
import type { Operator } from '@quarterdeck/sdk/contract/identity'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { Fetched } from '../../../parts/fetched.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { SessionTable } from '../session-table.tsx'
import { nameOf } from './people-table.tsx'

/** Where a person is signed in. Each look is recorded, so it is fetched once. */
export function PersonSessions(props: {
  readonly operator: Operator
  readonly onDone: (what: string) => void
  readonly onClose: () => void
}) {
  const { operator, onDone, onClose } = props
  const { id } = operator
  const sessions = useQuery({
    queryKey: ['identity-looked-up', 'sessions', id],
    queryFn: ({ signal }) => client.identity.operatorSessions({ id }, { signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const { perform, busy, error } = useProved(client.identity.endSessions, () =>
    onDone(`${nameOf(operator)} is signed out everywhere.`),
  )
  return (
    <Dialog title={`Sessions of ${nameOf(operator)}`} opened onClose={onClose} firm={busy} wide>
      <p className="muted">That you looked at this is recorded.</p>
      <Fetched what="sessions" query={sessions}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="They are signed in nowhere" />
          ) : (
            <>
              <SessionTable caption={`Sessions of ${nameOf(operator)}`} sessions={items} />
              <div>
                <Button
                  size="sm"
                  variant="filled"
                  color="red.9"
                  loading={busy}
                  onClick={() => perform({ id })}
                >
                  End them all
                </Button>
              </div>
            </>
          )
        }
      </Fetched>
      {error === null ? null : <Problem error={error} />}
    </Dialog>
  )
}

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../../app/client.ts'
import { useProved } from '../../../app/proof/use-proved.ts'
import { signOut } from '../../../app/sign-out.ts'
import { Fetched } from '../../../parts/fetched.tsx'
import { Problem } from '../../../parts/problem.tsx'
import { Section } from '../../../parts/section.tsx'
import { browserOf } from '../browser-of.ts'
import classes from '../identity.module.css'
import { SessionTable } from '../session-table.tsx'

/** Where one is signed in, and ending it there. */
export function OwnSessions() {
  const sessions = useQuery({
    queryKey: ['identity', 'own-sessions'],
    queryFn: ({ signal }) => client.identity.listSessions({}, { signal }),
    refetchInterval: 30_000,
  })
  const end = useProved(client.identity.revokeSession)
  const endOthers = useProved(client.identity.revokeOthers)
  const error = end.error ?? endOthers.error
  const others = sessions.data?.items.some(({ current }) => !current) ?? false
  return (
    <Section
      title="Where you are signed in"
      count={sessions.data?.items.length}
      tools={
        others ? (
          <Button loading={endOthers.busy} onClick={() => endOthers.perform({})}>
            End all others
          </Button>
        ) : null
      }
    >
      {error === null ? null : (
        <div className={classes.body}>
          <Problem error={error} />
        </div>
      )}
      <Fetched what="your sessions" query={sessions}>
        {({ items }) => (
          <SessionTable
            caption="Your sessions"
            sessions={items}
            act={({ id, current, client: name }) =>
              current ? (
                <Button onClick={() => signOut()} aria-label="End this session: sign out">
                  Sign out
                </Button>
              ) : (
                <Button
                  disabled={end.busy}
                  onClick={() => end.perform({ id })}
                  aria-label={`End the session of ${browserOf(name)}`}
                >
                  End
                </Button>
              )
            }
          />
        )}
      </Fetched>
    </Section>
  )
}

import { useCallback, useEffect, useState } from 'react'
import type { Session } from './desk-client.ts'
import { DeskPage } from './desk-page.tsx'
import { forgetPerson, rememberedPerson, signIn } from './sign-in.ts'
import { Welcome } from './welcome.tsx'

/** The desk of whoever this tab belongs to, or the question who that is. */
export function App() {
  const [session, setSession] = useState<Session | null>(null)
  const [busy, setBusy] = useState(rememberedPerson() !== null)
  const [problem, setProblem] = useState<string | null>(null)

  const enter = useCallback(async (person: string): Promise<void> => {
    setBusy(true)
    try {
      setSession(await signIn(person))
      setProblem(null)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'The desk could not sign you in.')
    }
    setBusy(false)
  }, [])

  useEffect(() => {
    const person = rememberedPerson()
    if (person !== null) void enter(person)
  }, [enter])

  if (session !== null)
    return (
      <DeskPage
        key={session.token}
        session={session}
        onLeave={() => {
          forgetPerson()
          setSession(null)
        }}
        // Tokens last half a day; who is still here gets a new one.
        onExpired={() => void enter(session.person.id)}
      />
    )
  return <Welcome busy={busy} problem={problem} onChoose={(person) => void enter(person)} />
}

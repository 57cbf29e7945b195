import { Fault } from '@quarterdeck/sdk/errors'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { BoardView } from './board-view.tsx'
import { type AtDesk, AtDeskContext, openDesk, type Session, useQuery } from './desk-client.ts'
import { Header } from './header.tsx'
import { NewTicket } from './new-ticket.tsx'
import { TicketPanel } from './ticket-panel.tsx'
import { Toast } from './toast.tsx'
import { showTicket, useTicketNumber } from './use-hash.ts'

const expired = new Set(['credential_expired', 'credential_revoked', 'unauthenticated'])

/** The desk as one person sees it. */
export function DeskPage({
  session,
  onLeave,
  onExpired,
}: {
  readonly session: Session
  readonly onLeave: () => void
  readonly onExpired: () => void
}) {
  const desk = useMemo(() => openDesk(session), [session])
  const board = useQuery(desk.live.board, [])
  const people = useQuery(desk.live.people, [])
  const number = useTicketNumber()
  const [writing, setWriting] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const refused = useCallback(
    (error: unknown) => {
      if (error instanceof Fault && expired.has(error.code)) onExpired()
      else setProblem(error instanceof Error ? error.message : 'That did not work.')
    },
    [onExpired],
  )
  useEffect(() => {
    if (board.problem !== null) refused(board.problem)
  }, [board.problem, refused])

  const at: AtDesk = useMemo(
    () => ({
      desk,
      me: session.person,
      people: people.result ?? [],
      problem,
      dismiss: () => setProblem(null),
      act: (work) =>
        work.then(
          () => {
            setProblem(null)
            return true
          },
          (error: unknown) => {
            refused(error)
            return false
          },
        ),
    }),
    [desk, session, people.result, problem, refused],
  )

  async function takeNext(): Promise<void> {
    await at.act(
      desk.rpc.takeNext().then((taken) => {
        if (taken === null) throw new Error('Nobody is waiting: every open ticket is taken.')
        showTicket(taken.number)
      }),
    )
  }

  const all =
    board.result === undefined ? [] : [...board.result.open, ...board.result.doing, ...board.result.done]
  const shown = all.find((one) => one.number === number)
  return (
    <AtDeskContext value={at}>
      <Header
        status={board.status}
        onNew={() => setWriting(true)}
        onTakeNext={() => void takeNext()}
        onSheet={() => void at.act(saveSheet(at.desk))}
        onLeave={onLeave}
      />
      <main>
        <h1 className="unseen">Tickets</h1>
        {board.result === undefined ? (
          <p className="waiting" role="status">
            {board.problem === null ? 'Fetching the board…' : 'The board cannot be shown.'}
          </p>
        ) : (
          <BoardView board={board.result} />
        )}
      </main>
      <footer>
        The example app of Quarterdeck. <a href="/checks">Break something</a> ·{' '}
        <a href={`${session.url}/console/`}>See it in the console</a>
      </footer>
      {writing ? <NewTicket onClose={() => setWriting(false)} /> : null}
      {shown === undefined ? null : (
        <TicketPanel key={shown.id} id={shown.id} onClose={() => showTicket(null)} />
      )}
      {shown === undefined && !writing ? <Toast /> : null}
    </AtDeskContext>
  )
}

/** Saves the sheet that a function answers as it is. */
async function saveSheet(desk: AtDesk['desk']): Promise<void> {
  const { body } = await desk.rpc.sheet()
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([body as BlobPart], { type: 'text/csv' }))
  link.download = 'tickets.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}

import { type DragEvent, useEffect, useState } from 'react'
import { Avatar } from './avatar.tsx'
import { type Board, type Card, type Column, nameOf, useDesk } from './desk-client.ts'
import { Speech } from './icons.tsx'
import { ago, useNow } from './use-now.ts'

const columns: readonly { readonly key: Column; readonly title: string; readonly empty: string }[] = [
  { key: 'open', title: 'Open', empty: 'Nothing waits.' },
  { key: 'doing', title: 'In hand', empty: 'Nobody works on anything.' },
  { key: 'done', title: 'Done', empty: 'Nothing is done yet.' },
]

/** All tickets in their columns. Cards can be dragged; the panel of a ticket moves it as well. */
export function BoardView({ board }: { readonly board: Board }) {
  const now = useNow()
  // What was there when the board was first drawn is no news.
  const [drawn, setDrawn] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setDrawn(true), 500)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="board">
      {columns.map(({ key, title, empty }) => (
        <ColumnView
          key={key}
          column={key}
          title={title}
          cards={board[key]}
          empty={empty}
          now={now}
          news={drawn}
        />
      ))}
    </div>
  )
}

function ColumnView(props: {
  readonly column: Column
  readonly title: string
  readonly empty: string
  readonly cards: readonly Card[]
  readonly now: number
  readonly news: boolean
}) {
  const { desk, act } = useDesk()
  const [over, setOver] = useState(false)
  const { column, cards } = props
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const id = event.dataTransfer.getData('text/plain')
    if (id !== '' && !cards.some((card) => card.id === id)) void act(desk.rpc.move(id, column))
  }
  return (
    <section
      className="column"
      aria-labelledby={`column-${column}`}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2 id={`column-${column}`}>
        {props.title} <span className="count">{cards.length}</span>
      </h2>
      {cards.length === 0 ? <p className="empty">{props.empty}</p> : null}
      <ul>
        {cards.map((card) => (
          <li key={card.id}>
            <CardView card={card} now={props.now} news={props.news} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function CardView({
  card,
  now,
  news,
}: {
  readonly card: Card
  readonly now: number
  readonly news: boolean
}) {
  const { people } = useDesk()
  return (
    <a
      className="card"
      href={`#${card.number}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData('text/plain', card.id)}
    >
      <Glow key={card.changedAt} news={news} />
      <span className="title">{card.title}</span>
      <span className="facts">
        <span className="number">#{card.number}</span>
        {card.priority === 'normal' ? null : (
          <span className="priority" data-priority={card.priority}>
            {card.priority === 'high' ? 'Urgent' : 'Low'}
          </span>
        )}
        {card.cost === undefined ? null : <span className="cost">€{card.cost}</span>}
        <time dateTime={card.changedAt}>{ago(card.changedAt, now)}</time>
        {card.comments === 0 ? null : (
          <span className="comments">
            <Speech />
            {card.comments}
            <span className="unseen">{card.comments === 1 ? ' comment' : ' comments'}</span>
          </span>
        )}
        {card.assignee === null ? null : (
          <Avatar alone id={card.assignee} name={nameOf(people, card.assignee)} />
        )}
      </span>
    </a>
  )
}

/** Glows once where it is drawn as news; what changes is given another key, and so drawn anew. */
function Glow({ news }: { readonly news: boolean }) {
  const [fresh] = useState(news)
  return fresh ? <span className="glow" /> : null
}

import type { StreamStatus } from '@quarterdeck/sdk/client'
import { useEffect } from 'react'
import { Avatar } from './avatar.tsx'
import { useDesk } from './desk-client.ts'
import { Mark } from './icons.tsx'

const words: Record<StreamStatus, string> = {
  connecting: 'Connecting',
  live: 'Live',
  stale: 'Offline',
  closed: 'Closed',
}

export function Header(props: {
  readonly status: StreamStatus
  readonly onNew: () => void
  readonly onTakeNext: () => void
  readonly onSheet: () => void
  readonly onLeave: () => void
}) {
  const { me } = useDesk()
  const { onNew } = props
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'n' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null)
        return
      event.preventDefault()
      onNew()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [onNew])
  return (
    <header>
      <span className="brand">
        <Mark />
        Desk
      </span>
      <span className="status" role="status" data-status={props.status}>
        {words[props.status]}
      </span>
      <div className="tools">
        <button type="button" className="plain optional" onClick={props.onSheet}>
          Export
        </button>
        <button type="button" onClick={props.onTakeNext} title="Take the ticket that has waited longest">
          Take next
        </button>
        <button type="button" className="primary" onClick={onNew} aria-keyshortcuts="n">
          New ticket
        </button>
        <button type="button" className="plain me" onClick={props.onLeave} title="Be somebody else">
          <Avatar id={me.id} name={me.name} />
          <span>{me.name}</span>
          <span className="unseen">: be somebody else</span>
        </button>
      </div>
    </header>
  )
}

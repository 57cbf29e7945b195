import { getRouteApi } from '@tanstack/react-router'
import { useLive } from '../../live/use-live.ts'
import { appendCommand } from '../../parts/append-command.ts'
import { Empty } from '../../parts/empty.tsx'
import { exampleEvent } from '../../parts/example-event.ts'
import { RecordList } from '../../parts/record-list.tsx'
import { Section } from '../../parts/section.tsx'
import { StatePage } from '../../parts/state-page.tsx'
import { Counts } from './counts.tsx'
import { NeedsYou } from './needs-you.tsx'
import { Workers } from './workers.tsx'

const route = getRouteApi('/shell/')

/** What is going on, and first of all what waits for a person. */
export function Overview() {
  const { at } = route.useSearch()
  const newest = useLive(({ records }) => records)
  return (
    <StatePage title="Overview" at={at}>
      {(state) => {
        const timeline =
          at === undefined && newest.length > 0
            ? newest
            : state.timeline.toSorted((a, b) => b.position - a.position)
        return (
          <>
            <NeedsYou state={state} />
            <Counts state={state} />
            <div className="grid-2">
              <Workers
                title="Working now"
                workers={state.actors}
                nothing="Nobody has claimed anything, or every claim has been released."
              />
              <Workers
                title="Reclaimable work"
                workers={state.reclaimableActors}
                nothing="No claim has outlived its time."
              />
            </div>
            <Section title="Timeline" note="the newest 50 records">
              {timeline.length === 0 ? (
                <Empty title="No record has arrived yet" command={firstRecord()}>
                  Producers say what happened by sending records. This one starts a process:
                </Empty>
              ) : (
                <RecordList records={timeline} label="The newest records" />
              )}
            </Section>
          </>
        )
      }}
    </StatePage>
  )
}

function firstRecord(): string {
  return appendCommand(
    exampleEvent(
      'process.started',
      { kind: 'process', id: 'run-1' },
      { title: 'First run', stage: 'in_flight' },
    ),
  )
}

import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { IconSearch, IconX } from '@tabler/icons-react'
import { presets } from '../../app/page-searches.ts'
import { InstantInput } from '../../parts/instant-input.tsx'
import { useTyped } from '../../parts/use-typed.ts'
import classes from './telemetry.module.css'
import { toggled, useTelemetrySearch } from './use-telemetry-search.ts'

const names = { live: '60 s', '15m': '15 min', '24h': '24 h', '7d': '7 d', custom: 'Custom' }

/** From when until when, by which words, and the filters in force. */
export function WindowBar() {
  const [search, change] = useTelemetrySearch()
  const { preset = '15m', from, to, q, filter } = search
  const [typed, setTyped] = useTyped(q ?? '', (text) => change({ q: text === '' ? undefined : text }))

  function choose(chosen: string): void {
    const next = presets.find((each) => each === chosen) ?? '15m'
    if (next !== 'custom') change({ preset: next, from: undefined, to: undefined })
    else change({ preset: next, from: from ?? before(3_600_000), to: to ?? before(0) })
  }

  return (
    <search className="stack" style={{ gap: 8 }}>
      <div className={classes.window}>
        <SegmentedControl
          aria-label="Window"
          data={presets.map((value) => ({ value, label: names[value] }))}
          value={preset}
          onChange={choose}
        />
        {preset === 'custom' ? (
          <>
            <InstantInput label="From" value={from} onChange={(time) => change({ from: time })} />
            <InstantInput label="To" value={to} onChange={(time) => change({ to: time })} />
          </>
        ) : null}
        <TextInput
          className={classes.q ?? ''}
          aria-label="Text in the record"
          placeholder="Text in the record"
          maxLength={200}
          leftSection={<IconSearch size={14} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {filter === undefined ? null : (
        <div className={classes.chips}>
          {filter.map((each) => (
            <Button
              key={each}
              size="compact-xs"
              rightSection={<IconX size={12} aria-hidden="true" />}
              aria-label={`Take the filter ${each} away`}
              onClick={() => change({ filter: toggled(filter, each) })}
            >
              {each}
            </Button>
          ))}
          <Button size="compact-xs" variant="subtle" onClick={() => change({ filter: undefined })}>
            Take all away
          </Button>
        </div>
      )}
    </search>
  )
}

function before(ms: number): string {
  return new Date(Date.now() - ms).toISOString()
}

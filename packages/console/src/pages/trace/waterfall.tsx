import type { SpanNode } from '@quarterdeck/sdk/contract/telemetry'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import { duration } from '../../parts/format/duration.ts'
import { RawFields } from '../../parts/raw-fields.tsx'
import { ScrollRegion } from '../../parts/scroll-region.tsx'
import { Section } from '../../parts/section.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { toneOf } from '../../parts/tone.ts'
import { flattenSpans, type PlacedSpan } from './flatten-spans.ts'
import classes from './waterfall.module.css'

/** Spans as a table whose rows stand in their tree; the bar shows when, the numbers say it. */
export function Waterfall(props: { readonly roots: readonly SpanNode[] }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const { spans, startedAt } = flattenSpans(props.roots, closed)

  function toggle(id: string): void {
    const next = new Set(closed)
    if (!next.delete(id)) next.add(id)
    setClosed(next)
  }

  return (
    <Section title="Spans" count={spans.length}>
      <ScrollRegion label="Spans, table" className={classes.scroll}>
        <table className={classes.table}>
          <caption className="visually-hidden">Spans in the order of their tree</caption>
          <thead>
            <tr>
              <th scope="col">Span</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="right">
                Starts at
              </th>
              <th scope="col" className="right">
                Takes
              </th>
              <th scope="col" className={classes.wide}>
                When
              </th>
            </tr>
          </thead>
          <tbody>
            {spans.map((placed) => (
              <Row
                key={placed.span.spanId}
                placed={placed}
                startedAt={startedAt}
                closed={closed.has(placed.span.spanId)}
                onToggle={toggle}
              />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  )
}

function Row(props: {
  placed: PlacedSpan
  startedAt: number
  closed: boolean
  onToggle: (id: string) => void
}) {
  const { placed, startedAt, closed, onToggle } = props
  const { span, level, begin, length } = placed
  const Icon = closed ? IconChevronRight : IconChevronDown
  return (
    <tr>
      <th scope="row">
        <div className={classes.name} style={{ paddingLeft: Math.min(level - 1, 12) * 16 }}>
          {span.children.length === 0 ? (
            <span className={classes.leaf} />
          ) : (
            <button
              type="button"
              className={classes.toggle}
              aria-expanded={!closed}
              aria-label={`${span.children.length} below ${span.name}`}
              onClick={() => onToggle(span.spanId)}
            >
              <Icon size={14} aria-hidden="true" />
            </button>
          )}
          <div className="break">
            <span className="visually-hidden">Level {level}: </span>
            {span.name} <span className="muted">{span.service}</span>
            {Object.keys(span.attributes).length === 0 ? null : (
              <RawFields
                label="Attributes"
                name={`Attributes of span ${span.spanId}`}
                value={span.attributes}
              />
            )}
          </div>
        </div>
      </th>
      <td>
        {span.outcome === null ? <span className="muted">–</span> : <StatusChip status={span.outcome} />}
      </td>
      <td className="right nowrap">{duration(Math.max(0, Date.parse(span.startedAt) - startedAt))}</td>
      <td className="right nowrap">{duration(span.durationMs)}</td>
      <td className={classes.wide}>
        <div className={classes.track} aria-hidden="true">
          <div
            className={classes.bar}
            data-tone={toneOf(span.outcome)}
            style={{ left: `${begin * 100}%`, width: `${Math.max(length * 100, 0.4)}%` }}
          />
        </div>
      </td>
    </tr>
  )
}

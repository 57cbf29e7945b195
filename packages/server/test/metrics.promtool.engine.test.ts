import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { findEngine } from '../../../scripts/engines.ts'
import { createMetrics, metricTable } from '../src/http/metrics.ts'

/** What promtool says of a page of metrics; nothing when it is as Prometheus would have it. */
function check(page: string): { status: number | null; said: string } {
  const done = spawnSync(findEngine('promtool') ?? 'promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  })
  if (done.error !== undefined)
    throw new Error('promtool is missing; run "npm test" as root, or leave it out with WITHOUT=promtool')
  return { status: done.status, said: done.stdout + done.stderr }
}

describe('promtool', () => {
  it.each(['quarterdeck_', 'consoul_'])('finds nothing wrong with the metrics named %s…', async (prefix) => {
    const metrics = createMetrics({ prefix })
    for (const [name, { kind, labels }] of Object.entries(metricTable)) {
      const said = Object.fromEntries(labels.map((label) => [label, 'any "thing"\\\n']))
      if (kind === 'counter') metrics.add(name, said)
      else if (kind === 'gauge') metrics.set(name, said, 1)
      else metrics.observe(name, said, 0.1)
    }
    expect(check(await metrics.text())).toEqual({ status: 0, said: '' })
  })

  it('would find what is wrong', () => {
    const { status, said } = check('# TYPE requests counter\nrequests 1\n')
    expect(status).not.toBe(0)
    expect(said).toContain('_total')
  })
})

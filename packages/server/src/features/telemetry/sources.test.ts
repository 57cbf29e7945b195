import { TelemetryRecord } from '@quarterdeck/sdk/contract/telemetry-record'
import { expect, test } from 'vitest'
import { createMac } from '../../core/mac.ts'
import { RecordSource } from './descriptor.ts'
import { recordsOfSource, type SourceFile } from './sources.ts'

const mac = createMac(new Uint8Array(32).fill(7))
const source = RecordSource.parse({
  id: 'plans',
  root: 'product:flow:plans',
  files: ['*/plan.json'],
  attributes: { task_slug: 'meta.slug', status: 'state.0', missing: 'no.where', proto: 'constructor.name' },
})
const plan = {
  path: 'a/plan.json',
  text: '{"meta":{"slug":"fix"},"state":["doing"]}',
}
const records = (...files: SourceFile[]) =>
  recordsOfSource(source, async () => ({ files, warnings: [] }), mac)

test('a file becomes a record of its source with the attributes selected', async () => {
  const { records: found, warnings } = await records(plan)
  expect(warnings).toEqual([])
  expect(found).toEqual([
    {
      schema_version: '1',
      event_type: 'source.plans',
      session_id: 'source:plans',
      event_id: expect.stringMatching(/^plans:a\/plan\.json:[0-9a-f]{64}$/),
      task_slug: 'fix',
      status: 'doing',
      source: { id: 'plans', path: 'a/plan.json' },
    },
  ])
  expect(TelemetryRecord.safeParse(found[0]).success).toBe(true)
})

test('the same content gives the same id, other content or another path another', async () => {
  const id = async (file: SourceFile) => (await records(file)).records[0]?.event_id
  expect(await id(plan)).toBe(await id({ ...plan }))
  expect(await id({ ...plan, text: '{}' })).not.toBe(await id(plan))
  expect(await id({ ...plan, path: 'b/plan.json' })).not.toBe(await id(plan))
  expect(String(await id({ ...plan, path: `${'long/'.repeat(60)}plan.json` })).length).toBeLessThanOrEqual(
    200,
  )
})

test('a file that is not JSON, and a root that is refused, are warned of', async () => {
  expect((await records({ path: 'x.json', text: '{' }, plan)).warnings).toEqual([
    'product:flow:plans/x.json is not JSON',
  ])
  const refused = await recordsOfSource(
    source,
    async () => {
      throw new Error('leads out of its root')
    },
    mac,
  )
  expect(refused).toEqual({ records: [], warnings: ['product:flow:plans leads out of its root'] })
})

import { telemetry } from '@quarterdeck/sdk/contract/telemetry'
import { expect, test } from 'vitest'
import { loadDescriptors } from './descriptors.ts'

const files: Record<string, string> = {
  'console:a.json': JSON.stringify({
    facets: [
      { id: 'lane', label: 'Lane', attribute: 'work.lane' },
      { id: 'x', attribute: 'x' },
    ],
    flows: [{ id: 'work', match: { attribute: 'event_type', equals: 'work' } }],
    novelty: true,
  }),
  'product:b.json': JSON.stringify({
    facets: [{ id: 'lane', attribute: 'lane', limit: 3 }],
    recordSources: [
      { id: 'plans', root: 'product:flow:plans', files: ['*.json'], attributes: { task_slug: 'slug' } },
    ],
  }),
  'product:broken.json': '{',
  'product:odd.json': JSON.stringify({ facets: [{ id: 'no spaces', attribute: 'x' }] }),
  'product:both.json': JSON.stringify({
    flows: [{ id: 'f', match: { attribute: 'x', equals: 'a', includes: 'b' } }],
  }),
}
const read = async (address: string) => {
  const text = files[address]
  if (address === 'console:../x.json') throw new Error('may not lead out of its root')
  if (text === undefined) throw Object.assign(new Error('ENOENT'), { name: 'FileMissing' })
  return text
}

test('descriptors are read in order, and a later facet takes the place of an earlier one', async () => {
  const loaded = await loadDescriptors(['console:a.json', 'product:b.json'], read)
  expect(loaded.facets).toEqual([
    { id: 'lane', attribute: 'lane', limit: 3 },
    { id: 'x', attribute: 'x' },
  ])
  expect(loaded.flows).toMatchObject([{ id: 'work', limit: 10 }])
  expect(loaded.recordSources).toMatchObject([{ id: 'plans' }])
  expect(telemetry.descriptors.output.parse(loaded.shown)).toEqual({
    loaded: [
      {
        path: 'console:a.json',
        facets: [
          { id: 'lane', label: 'Lane', attribute: 'work.lane' },
          { id: 'x', label: 'x', attribute: 'x' },
        ],
        flows: [{ id: 'work', label: 'work' }],
        recordSources: [],
      },
      {
        path: 'product:b.json',
        facets: [{ id: 'lane', label: 'lane', attribute: 'lane' }],
        flows: [],
        recordSources: [{ id: 'plans', label: 'plans' }],
      },
    ],
    dropped: [],
  })
})

test('what is broken is dropped with its reason, and stops nothing', async () => {
  const paths = [
    'product:none.json',
    'product:broken.json',
    'product:odd.json',
    'product:both.json',
    'product:b.json',
  ]
  const { shown } = await loadDescriptors(paths, read)
  expect(shown.loaded.map(({ path }) => path)).toEqual(['product:b.json'])
  expect(shown.dropped).toEqual([
    { path: 'product:none.json', reason: 'is not there' },
    { path: 'product:broken.json', reason: 'is not JSON' },
    { path: 'product:odd.json', reason: expect.stringMatching(/^facets\.0\.id: /) },
    { path: 'product:both.json', reason: 'flows.0.match: takes equals or includes, not both' },
  ])
})

test('an optional descriptor may be absent; one that is refused is said so', async () => {
  const paths = ['product:none.json', 'product:other.json', 'console:../x.json']
  const { shown } = await loadDescriptors(paths, read, new Set(['product:none.json', 'console:../x.json']))
  expect(shown.dropped).toEqual([
    { path: 'product:other.json', reason: 'is not there' },
    { path: 'console:../x.json', reason: 'may not lead out of its root' },
  ])
})

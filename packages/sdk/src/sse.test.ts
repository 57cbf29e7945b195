import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseParser, type SseFrame } from './sse.ts'

function read(pieces: readonly string[]) {
  const frames: SseFrame[] = []
  const retries: number[] = []
  const parser = createSseParser({
    onFrame: (frame) => frames.push(frame),
    onRetry: (ms) => retries.push(ms),
  })
  for (const piece of pieces) parser.push(piece)
  return { frames, retries }
}

const feed = [
  '\uFEFFretry: 2000\n\n: hb\n',
  'id: 1042.-\nevent: snapshot\ndata: {"a":1}\n\n',
  'data: one\r\ndata:two\r\n\r\n',
  'event: lonely\rdata\r\r',
  'id: 7\0\ndata: x\n\nevent: no data\n\n',
].join('')

const read1 = {
  frames: [
    { event: 'snapshot', data: '{"a":1}', id: '1042.-' },
    { event: 'message', data: 'one\ntwo', id: undefined },
    { event: 'lonely', data: '', id: undefined },
    { event: 'message', data: 'x', id: undefined },
  ],
  retries: [2000],
}

describe('server-sent events', () => {
  test('are read with every line ending, comments, retry and ids', () => {
    expect(read([feed])).toEqual(read1)
  })

  test('do not depend on where the network cuts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(feed.length)), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), feed.length]
        expect(read(places.slice(1).map((end, index) => feed.slice(places[index], end)))).toEqual(read1)
      }),
    )
  })

  test('are not dispatched before their blank line', () => {
    expect(read(['data: half\n']).frames).toEqual([])
  })
})

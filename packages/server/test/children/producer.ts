import * as fs from 'node:fs/promises'
import { createEmitter, type Emitted } from '@quarterdeck/sdk/emitter'
import { fileOutbox } from '@quarterdeck/sdk/outbox'

/** A producer in a process of its own: tells events `from`..`to`, then goes on delivering until it is told to end. */
const { PRODUCER_URL = '', PRODUCER_TOKEN = '', PRODUCER_FOLDER = '', PRODUCER_BAD } = process.env
const [from = 0, to = 0] = process.argv.slice(2).map(Number)
const say = (what: object) => console.log(JSON.stringify(what))

const emitter = createEmitter({
  url: PRODUCER_URL,
  token: PRODUCER_TOKEN,
  producer: { id: 'worker', product: 'shop' },
  outbox: fileOutbox({ folder: PRODUCER_FOLDER, fs }),
})
for (let n = from; n < to; n += 1) {
  const record: Emitted = {
    schema: 'console.event',
    id: `e${n}`,
    type: 'process.progressed',
    ...(PRODUCER_BAD === String(n) ? { occurredAt: 'yesterday' } : {}),
    scope: { kind: 'repo', id: 'shop' },
    subject: { product: 'shop', kind: 'process', id: `run-${n % 7}` },
    payload: { summary: `step ${n}` },
  }
  say({ kept: await emitter.emit(record) })
}
const telling = setInterval(() => say(emitter.status()), 100)
process.once('SIGTERM', () => {
  clearInterval(telling)
  void emitter.close().then(() => say({ undelivered: emitter.undelivered().map(({ code }) => code) }))
})

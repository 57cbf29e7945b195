import { describe, expect, it } from 'vitest'
import { noTracer } from '../../../core/tracer.ts'
import { MailLost, MailRefused, type Message } from '../../../ports/mail.ts'
import { createMailQueue } from './mail-queue.ts'

const message: Message = { to: 'ann@example.com', subject: 'Hello', text: 'x' }

/** A queue whose pauses end when the test says so, at a mail server that answers as told. */
function stage(answers: (Error | null)[] = [], most?: number) {
  const sent: Message[] = []
  const tried: number[] = []
  const pauses: number[] = []
  const failures: unknown[] = []
  const waiting: (() => void)[] = []
  const queue = createMailQueue({
    tracer: noTracer,
    mail: {
      async send(one) {
        const answer = answers[tried.length] ?? null
        tried.push(tried.length)
        if (answer !== null) throw answer
        sent.push(one)
      },
    },
    pause: (ms, signal) => {
      pauses.push(ms)
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        waiting.push(resolve)
        signal.addEventListener('abort', () => resolve())
      })
    },
    failed: (error) => void failures.push(error),
    ...(most === undefined ? {} : { most }),
  })
  /** Lets all pauses end, and what follows happen. */
  async function go() {
    for (const end of waiting.splice(0)) end()
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  return { queue, sent, tried, pauses, failures, go }
}
const lost = () => new MailLost('away')

describe('mail that leaves later', () => {
  it('is not even made before the answer had time to leave', async () => {
    const { queue, sent, go } = stage()
    let made = 0
    queue.add(async () => {
      made += 1
      return message
    })
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    expect([made, sent.length]).toEqual([0, 0])
    await go()
    expect([made, sent]).toEqual([1, [message]])
  })

  it('is tried three times more, further and further apart, and is then given up', async () => {
    const { queue, sent, tried, pauses, failures, go } = stage(Array.from({ length: 9 }, lost))
    queue.add(async () => message)
    for (let turn = 0; turn < 9; turn += 1) await go()
    expect([tried.length, sent.length, failures.length]).toEqual([4, 0, 1])
    const [, ...retries] = pauses
    expect(retries.length).toBe(3)
    expect(retries).toEqual([...new Set(retries)].sort((a, b) => a - b))
  })

  it('arrives once the server is back', async () => {
    const { queue, sent, failures, go } = stage([lost(), lost(), lost()])
    queue.add(async () => message)
    for (let turn = 0; turn < 9; turn += 1) await go()
    expect([sent, failures]).toEqual([[message], []])
  })

  it('is not tried again when it was refused for good', async () => {
    const { queue, tried, failures, go } = stage([new MailRefused('no')])
    queue.add(async () => message)
    for (let turn = 0; turn < 5; turn += 1) await go()
    expect([tried.length, failures.length]).toEqual([1, 1])
  })

  it('does not wait behind mail that cannot be sent', async () => {
    const { queue, sent, go } = stage([lost()])
    queue.add(async () => ({ ...message, to: 'stuck@example.com' }))
    queue.add(async () => message)
    await go()
    expect(sent).toEqual([message])
  })

  it('is sent at once when the server stops, and none is taken then', async () => {
    const { queue, sent, go } = stage([lost()])
    queue.add(async () => message)
    await go()
    queue.add(async () => ({ ...message, to: 'bob@example.com' }))
    await queue.stop()
    expect(sent.map(({ to }) => to).sort()).toEqual(['ann@example.com', 'bob@example.com'])
    expect(queue.add(async () => message)).toBe(false)
  })

  it('has one try more when the server stops, so that a mail server that is silent holds up nothing', async () => {
    const { queue, sent, failures } = stage([lost(), lost(), lost(), lost()])
    queue.add(async () => message)
    await queue.stop()
    expect([sent, failures.length]).toEqual([[], 1])
  })

  it('says when too many wait', async () => {
    const { queue, go } = stage([], 2)
    expect([1, 2, 3].map(() => queue.add(async () => message))).toEqual([true, true, false])
    await go()
    expect(queue.add(async () => message)).toBe(true)
  })
})

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@quarterdeck/sdk/client'
import { Fault } from '@quarterdeck/sdk/errors'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { ClientApp } from '@quarterdeck/sdk/functions/client-app'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildApp } from '../../src/main/app/build-app.ts'
import { openStage, type Stage } from '../stage.ts'

// The example app as its page uses it. What its types say is held by its own compilation; here its functions are names.
const source = join(import.meta.dirname, '../../../../examples/hello/app')
type Names =
  | 'openTicket'
  | 'assign'
  | 'move'
  | 'takeNext'
  | 'setCost'
  | 'removeTicket'
  | 'comment'
  | 'saveNote'
type Reads = 'board' | 'ticket' | 'people' | 'ticketAt' | 'sheet' | 'furnish'
// biome-ignore lint/suspicious/noExplicitAny: what comes is held against what is expected
type Any = FunctionDefinition<any[], any>
type Desk = ClientApp<Record<Names | Reads, Any>, Names | Reads, 'board' | 'ticket' | 'people'>

let stage: Stage
let app: Desk
const minting = 'token-that-lets-people-in-000000000001'
beforeAll(async () => {
  stage = await openStage({
    CONSOLE_APP: source,
    CONSOLE_AUTH_TOKENS_JSON: JSON.stringify([
      { token: minting, tenantId: 'default', label: 'page', scopes: ['identity:mint'] },
    ]),
  })
  const { out } = await buildApp({ folder: source, out: join(stage.folder, 'built') })
  app = ((await import(pathToFileURL(join(out, 'client/index.js')).href)) as { readonly app: Desk }).app
  await desk(stage.token).rpc.furnish()
}, 60_000)
afterAll(() => stage.stop())

const desk = (token: string) => createClient({ url: stage.url, token, app })
async function personOf(subject: string, ...groups: string[]) {
  const { accessToken } = await stage.as(minting).identity.mintToken({ class: 'user', subject, groups })
  return desk(accessToken)
}
const ada = () => personOf('ada', 'member', 'lead')
const bo = () => personOf('bo', 'member')
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Fault ? error.code : error),
  )

describe('the desk', () => {
  it('gives each ticket a number of its own, however many are opened at once', async () => {
    const { rpc } = await bo()
    const opened = await Promise.all(
      Array.from({ length: 12 }, (_, n) => rpc.openTicket({ title: `Many ${n}` })),
    )
    const numbers = opened.map(({ number }) => number).sort((a, b) => a - b)
    const [first] = numbers
    expect(numbers).toEqual(numbers.map((_, n) => first + n))
  })

  it('shows everybody what anybody does, each as far as it is theirs to see', async () => {
    const [lead, member] = await Promise.all([ada(), bo()])
    const { id } = await member.rpc.openTicket({ title: 'Lamp', priority: 'high' })
    const seen: Record<'lead' | 'member', Record<string, unknown> | undefined> = {
      lead: undefined,
      member: undefined,
    }
    // biome-ignore lint/suspicious/noExplicitAny: see above
    const find = ({ result }: { result: any }) => result.open.find((one: { id: string }) => one.id === id)
    const stops = [
      lead.live.board([], (result) => {
        seen.lead = find(result)
      }),
      member.live.board([], (result) => {
        seen.member = find(result)
      }),
    ]
    await vi.waitFor(
      () => expect(seen).toMatchObject({ lead: { title: 'Lamp' }, member: { title: 'Lamp' } }),
      10_000,
    )
    await lead.rpc.setCost(id, 120)
    await lead.rpc.comment(id, 'I know where the bulbs are.')
    await vi.waitFor(() => expect(seen.member).toMatchObject({ comments: 1 }), 10_000)
    await vi.waitFor(() => expect(seen.lead).toMatchObject({ comments: 1, cost: 120 }), 10_000)
    expect(seen.member).not.toHaveProperty('cost')
    expect(await codeOf(member.rpc.setCost(id, 1))).toBe('forbidden')
    await member.rpc.move(id, 'done')
    await vi.waitFor(() => expect(seen).toEqual({ lead: undefined, member: undefined }), 10_000)
    expect(await lead.rpc.ticket(id)).toMatchObject({ state: 'done', cost: 120 })
    for (const stop of stops) stop()
  })

  it('keeps a note for its writer alone', async () => {
    const [lead, member] = await Promise.all([ada(), bo()])
    const { id } = await member.rpc.openTicket({ title: 'Chair' })
    await member.rpc.saveNote(id, 'Ask Chika first')
    await member.rpc.saveNote(id, 'Asked Chika')
    expect((await member.rpc.ticket(id)).note).toBe('Asked Chika')
    expect((await lead.rpc.ticket(id)).note).toBe('')
  })

  it('hands out what waits in the order it came, and to nobody twice', async () => {
    const [lead, member] = await Promise.all([ada(), bo()])
    const before = (await member.rpc.board()).open.length
    const taken = await Promise.all([member.rpc.takeNext(), lead.rpc.takeNext(), member.rpc.takeNext()])
    expect(new Set(taken.map(({ number }) => number)).size).toBe(3)
    expect((await member.rpc.board()).open).toHaveLength(before - 3)
    expect(Math.min(...taken.map(({ number }) => number))).toBe(1)
  })

  it('does several things as one, or none of them', async () => {
    const { rpc, transaction } = await ada()
    const title = 'Two in one'
    const titled = async () =>
      (await rpc.board()).open.filter((one: { title: string }) => one.title === title)
    await expect(
      transaction(async (tx) => {
        await tx.rpc.openTicket({ title })
        throw new RangeError('changed my mind')
      }),
    ).rejects.toThrow(RangeError)
    expect(await titled()).toEqual([])
    const id = await transaction(async (tx) => {
      const opened = await tx.rpc.openTicket({ title })
      await tx.rpc.comment(opened.id, 'Within the same transaction')
      expect(await titled()).toEqual([])
      return opened.id
    })
    expect(await titled()).toMatchObject([{ id, comments: 1 }])
  })

  it('tells the rows that commits change', async () => {
    const { rpc, changes } = await ada()
    const told: unknown[] = []
    let joined = false
    const stop = changes(
      'comments',
      (rows) => told.push(...rows.map(({ table, type, data }) => [table, type, data?.text])),
      { onJoin: () => (joined = true) },
    )
    await vi.waitFor(() => expect(joined).toBe(true), 10_000)
    const { id } = await rpc.openTicket({ title: 'Window' })
    await rpc.comment(id, 'It is open')
    await rpc.removeTicket(id)
    await vi.waitFor(() => expect(told).toHaveLength(2), 10_000)
    expect(told).toEqual([
      ['comments', 'insert', 'It is open'],
      ['comments', 'delete', undefined],
    ])
    stop()
  })

  it('answers a sheet as it is, and shows a ticket as it was', async () => {
    const { rpc } = await bo()
    const { id, number } = await rpc.openTicket({ title: '=cmd|"/c calc"' })
    const sheet = await rpc.sheet()
    expect(sheet).toMatchObject({ status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' } })
    expect(sheet.body).toContain(`"${number}","'=cmd|""/c calc""","open"`)
    const then = new Date()
    await rpc.ticket(id)
    await rpc.move(id, 'done')
    expect(await rpc.ticketAt(id, then)).toMatchObject({ state: 'open' })
  })

  it('says what is wrong with what it is asked', async () => {
    const [lead, member] = await Promise.all([ada(), bo()])
    expect(await codeOf(member.rpc.openTicket({ title: '' }))).toBe('invalid')
    expect(await codeOf(member.rpc.assign('nowhere', 'bo'))).toBe('not_found')
    expect(await codeOf(member.rpc.removeTicket('nowhere'))).toBe('forbidden')
    expect(await codeOf(lead.rpc.removeTicket('nowhere'))).toBe('not_found')
    expect(await codeOf(member.rpc.furnish())).toBe('forbidden')
    const { id } = await member.rpc.openTicket({ title: 'Key' })
    expect(await codeOf(member.rpc.comment(id, 'password: hunter2'))).toBe('invalid')
  })
})

import type { Actor } from '@quarterdeck/sdk/actor'
import type { records } from '@quarterdeck/sdk/contract/records'
import { fault } from '@quarterdeck/sdk/errors'
import { appendAnswer, type Ingest, recordsOf } from '../../core/ingest.ts'
import { pageOf } from '../../core/page.ts'
import type { Handlers } from '../../core/perform.ts'
import type { Log } from '../../ports/log.ts'
import { economicsView } from './economics.ts'
import { listObjects, listProducers, presentObject, presentState } from './fold/records-fold.ts'
import { listRecords, storedRecord } from './read-records.ts'
import { subjectKey } from './record-kind.ts'
import type { Refusals } from './refusals.ts'
import { type RecordsProjection, seenAt } from './state.ts'
import { subjectKinds } from './subject-kinds.ts'

/** The operations on records, over their log and its folds. */
export function recordHandlers(needs: {
  readonly log: Log
  readonly ingest: Ingest
  readonly projection: RecordsProjection
  readonly refusals: Refusals
  readonly now: () => number
}): Handlers<typeof records> {
  const { log, refusals } = needs
  const newest = new Map<string, number>()
  const acknowledged = (tenant: string) => newest.get(tenant) ?? 0
  const seen = (actor: Actor, at: Parameters<typeof seenAt>[2]) =>
    seenAt({ ...needs, acknowledged }, actor.tenant, at)

  return {
    async append({ actor, input }) {
      const { lone, records } = recordsOf(input)
      const receipts = await needs.ingest(actor, records)
      const last = receipts.reduce((most, receipt) => Math.max(most, receipt.position ?? 0), 0)
      newest.set(actor.tenant, Math.max(last, acknowledged(actor.tenant)))
      return appendAnswer(lone, receipts)
    },
    async state({ actor, input }) {
      const { folded, now, past } = await seen(actor, input.at)
      const state = presentState(folded.state, now)
      // Liveness older than 48 hours was pruned, so nobody can say who was at work then.
      const pruned = past && now < needs.now() - 48 * 3_600_000
      return pruned ? { ...state, actors: null, reclaimableActors: null } : state
    },
    async objects({ actor, input }) {
      const { folded, now } = await seen(actor, input.at)
      const filter = input.status === undefined ? {} : { status: input.status }
      return pageOf(listObjects(folded.state, input.kind, filter, now), input)
    },
    async object({ actor, input }) {
      const { folded, now } = await seen(actor, input.at)
      const object = presentObject(folded.state, input.kind, input.product, input.id, now)
      if (object === null) throw fault('not_found')
      const subjects = subjectKinds[input.kind].map((kind) =>
        subjectKey({ product: input.product, kind, id: input.id }),
      )
      const events = await log.query(
        actor.tenant,
        {
          filter: { upTo: folded.position, where: [{ attribute: 'subject', in: subjects }] },
          by: 'position',
          direction: 'desc',
          limit: 100,
        },
        10_000,
      )
      return { object, events: events.map(storedRecord) }
    },
    list: ({ actor, input }) => listRecords(log, actor.tenant, input),
    async get({ actor, input }) {
      const entry = await log.get(actor.tenant, input.id)
      if (entry === null) throw fault('not_found')
      return storedRecord(entry)
    },
    async producers({ actor, input }) {
      const { folded } = await seen(actor, undefined)
      const refused = await refusals.of(actor.tenant)
      const items = listProducers(folded.state).map((producer) => ({
        ...producer,
        refusals: [
          ...(refused.get(`${encodeURIComponent(producer.product)}/${encodeURIComponent(producer.id)}`) ??
            []),
        ],
      }))
      return pageOf(items, input)
    },
    async economics({ actor, input }) {
      const { state } = await needs.projection.live(actor.tenant)
      const instant = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time))
      return economicsView(state.economics, input.view, instant(input.from), instant(input.to))
    },
  }
}

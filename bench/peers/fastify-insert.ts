import { createHash } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

// What one writes by hand: fastify, a pool, one row a request.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const app = Fastify()
const body = {
  type: 'object',
  required: ['id', 'type', 'occurredAt', 'producer', 'subject', 'payload'],
  properties: {
    id: { type: 'string' },
    type: { type: 'string' },
    occurredAt: { type: 'string' },
    producer: { type: 'object' },
    subject: { type: 'object' },
    payload: { type: 'object' },
  },
} as const
app.post<{
  Body: {
    id: string
    type: string
    occurredAt: string
    producer: { id: string; product: string }
    subject: { product: string; kind: string; id: string }
  }
}>('/records', { schema: { body } }, async ({ body: record }) => {
  const digest = createHash('sha256').update(JSON.stringify(record)).digest()
  const { rows } = await pool.query(
    `insert into plain (tenant_id, position, id, occurred_at, received_at, digest, payload, schema, type, product, producer_id, tier, subject)
     values ('t', nextval('positions'), $1, $2, now(), $3, $4, 'console.event', $5, $6, $7, 'unbound', $8) on conflict do nothing returning position`,
    [
      record.id,
      record.occurredAt,
      digest,
      record,
      record.type,
      record.producer.product,
      record.producer.id,
      `${record.subject.product}/${record.subject.kind}/${record.subject.id}`,
    ],
  )
  return { id: record.id, status: 'accepted', position: Number(rows[0]?.position ?? 0) }
})
await app.listen({ port: 0, host: '127.0.0.1' })
const address = app.server.address()
console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)

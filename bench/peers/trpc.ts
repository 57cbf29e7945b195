import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import pg from 'pg'
import { z } from 'zod'

// The same procedures as bench/app, as one writes them with tRPC and a pool.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const t = initTRPC.create()
const router = t.router({
  greet: t.procedure.input(z.string()).mutation(({ input }) => ({ hello: input })),
  draw: t.procedure.input(z.tuple([z.string(), z.string()])).mutation(async ({ input: [from, to] }) => {
    const client = await pool.connect()
    try {
      await client.query('begin isolation level repeatable read')
      const source = await client.query('select data from accounts where id = $1', [from])
      const target = await client.query('select data from accounts where id = $1', [to])
      if (source.rows[0] === undefined || target.rows[0] === undefined) throw new Error('not found')
      const balance = Number(target.rows[0].data.balance) + 1
      await client.query('update accounts set data = $2 where id = $1', [
        to,
        { ...target.rows[0].data, balance },
      ])
      await client.query('commit')
      return { balance }
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }),
})
const server = createHTTPServer({ router })
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)
})

import { createServer, type IncomingMessage } from 'node:http'
import pg from 'pg'

// A hand-written transaction behind bare node:http: two reads and one write, as bench/app does.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })

async function draw(from: string, to: string): Promise<{ balance: number }> {
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
}

async function bodyOf(request: IncomingMessage): Promise<[string, string]> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

const server = createServer(async (request, response) => {
  const [from, to] = await bodyOf(request)
  const done = await draw(from, to).catch(() => null)
  const text = JSON.stringify({ result: done })
  response
    .writeHead(done === null ? 409 : 200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)
})

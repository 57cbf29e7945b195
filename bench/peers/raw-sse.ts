import { createServer, type ServerResponse } from 'node:http'

// Raw writes of one pre-encoded frame to every reader: what a live feed cannot beat. POST /say sends a frame.
const readers = new Set<ServerResponse>()
const frame = Buffer.from(
  `id: 1\nevent: delta\ndata: ${JSON.stringify({ topic: 'records', position: 1, items: [{ position: 1, id: 'e', summary: 'x'.repeat(200) }] })}\n\n`,
)
const server = createServer((request, response) => {
  if (request.method === 'POST') {
    for (const reader of readers) reader.write(frame)
    request.resume().on('end', () => response.end('{}'))
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('retry: 2000\n\n')
  readers.add(response)
  response.on('close', () => readers.delete(response))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)
})

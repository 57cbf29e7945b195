import { createServer } from 'node:http'
import type { Socket } from 'node:net'

// Raw writes of one pre-encoded frame to every reader: what a live feed cannot beat. PUT says the frame, POST sends it.
const readers = new Set<Socket>()
let frame = Buffer.alloc(0)
const server = createServer((request, response) => {
  if (request.method !== 'GET') {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (request.method === 'PUT') frame = Buffer.concat(chunks)
      else for (const reader of readers) reader.write(frame)
      response.writeHead(200, { 'content-length': 2 }).end('{}')
    })
    return
  }
  const { socket } = request
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nretry: 2000\n\n')
  readers.add(socket)
  socket.on('close', () => readers.delete(socket))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)
})

import { createServer } from 'node:http'

// What a POST costs when nothing is done with it but reading, parsing and answering JSON.
const answer = JSON.stringify({
  id: 'e1',
  status: 'accepted',
  position: 1,
  receivedAt: '2026-11-20T09:14:03.000Z',
})
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString())
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      .end(answer)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`listening ${typeof address === 'object' ? address?.port : ''}`)
})

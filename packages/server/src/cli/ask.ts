import { fault } from '@quarterdeck/sdk/errors'

/** What was read from standard input and not asked for yet. */
let rest = ''

/** Asks a person on the terminal, or takes the next line of standard input. What is `hidden` is not shown as it is typed. */
export async function ask(question: string, options: { readonly hidden?: boolean } = {}): Promise<string> {
  const { stdin } = process
  const hides = options.hidden === true && stdin.isTTY
  if (stdin.isTTY) process.stderr.write(`${question}: `)
  stdin.setEncoding('utf8')
  if (hides) stdin.setRawMode(true)
  try {
    return await nextLine(question, hides)
  } finally {
    if (hides) {
      stdin.setRawMode(false)
      process.stderr.write('\n')
    }
    stdin.pause()
  }
}

async function nextLine(question: string, raw: boolean): Promise<string> {
  for (;;) {
    // Ctrl-C and Ctrl-D come as characters where the terminal does not look at them.
    if (raw && (rest.includes('\u0003') || rest.includes('\u0004'))) throw fault('invalid', 'Given up')
    const end = /\r\n|\r|\n/.exec(rest)
    if (end !== null) {
      const line = rest.slice(0, end.index)
      rest = rest.slice(end.index + end[0].length)
      return raw ? withoutErased(line) : line.trim()
    }
    const more = await nextChunk()
    if (more !== null) rest += more
    else if (rest !== '') rest += '\n'
    else throw fault('invalid', `Nobody answers: ${question}`)
  }
}

function withoutErased(line: string): string {
  const typed: string[] = []
  for (const character of line) {
    if (character === '\u007f' || character === '\b') typed.pop()
    else typed.push(character)
  }
  return typed.join('').trim()
}

/** What standard input says next; null at its end. */
function nextChunk(): Promise<string | null> {
  const { stdin } = process
  if (stdin.readableEnded) return Promise.resolve(null)
  return new Promise((resolve) => {
    const said = (chunk: string | null) => {
      stdin.off('data', said)
      stdin.off('end', ended)
      resolve(chunk)
    }
    const ended = () => said(null)
    stdin.on('data', said)
    stdin.once('end', ended)
    stdin.resume()
  })
}

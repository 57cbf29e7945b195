import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type EvaluatedModule, EvaluationLine, type EvaluationRequest } from './evaluated.ts'

const longestMs = 30_000
// The same file once it is built to JavaScript.
const child = fileURLToPath(import.meta.url).replace(/evaluate-app(\.[jt]s)$/, 'evaluate-child$1')
const libraries = ['zod'].map((name) => dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`))))

/** The modules of an app, run once in a process without settings, secrets and rights, and what they export. */
export async function evaluateApp(
  files: ReadonlyMap<string, string>,
  modules: EvaluationRequest['modules'],
): Promise<readonly EvaluatedModule[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'quarterdeck-build-')))
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    const said: EvaluatedModule[] = []
    // A module that ends the process or never comes back is failed, and the rest is asked again without it.
    for (let left = modules; left.length > 0; ) {
      writeFileSync(
        join(folder, 'request.json'),
        JSON.stringify({ modules: left } satisfies EvaluationRequest),
      )
      const { heard, stuckIn, why } = await runChild(folder)
      said.push(...heard)
      if (stuckIn !== null) said.push({ is: 'failed', file: stuckIn, message: why })
      else if (heard.length < left.length) throw new Error(`the app cannot be evaluated: ${why}`)
      const done = new Set(said.map(({ file }) => file))
      left = left.filter(({ file }) => !done.has(file))
    }
    return said
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runChild(folder: string) {
  const reads = [folder, dirname(child), ...libraries].map((path) => `--allow-fs-read=${path}/*`)
  const running = spawn(process.execPath, ['--permission', '--no-warnings', ...reads, child, folder], {
    cwd: folder,
    env: process.env.PATH === undefined ? {} : { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    timeout: longestMs,
    killSignal: 'SIGKILL',
  })
  let complained = ''
  running.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complained = (complained + text).slice(-4_000)
  })
  const heard: EvaluatedModule[] = []
  let stuckIn: string | null = null
  const pipe = running.stdio[3]
  if (pipe === null || pipe === undefined || !('read' in pipe))
    throw new Error('the child has no fourth descriptor')
  createInterface({ input: pipe }).on('line', (text) => {
    const line = EvaluationLine.parse(JSON.parse(text))
    if ('begins' in line) stuckIn = line.begins
    else {
      heard.push(line)
      stuckIn = null
    }
  })
  const [code, signal] = (await once(running, 'close')) as [number | null, string | null]
  const ended = `it ended the process${code === null ? '' : ` with ${code}`}`
  const why = signal === 'SIGKILL' ? `it did not come to an end in ${longestMs / 1_000} s` : ended
  return { heard, stuckIn: stuckIn as string | null, why: stuckIn === null ? complained.trim() : why }
}

import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { z } from 'zod'

const Logged = z.looseObject({ level: z.number(), time: z.number(), msg: z.string() })

/**
 * What a server prints, as whoever writes the app reads it: its log without JSON, with the places in files of the app
 * that failures came from; and what it says at its start once, however often it is started. Answers one line, several,
 * or none for each.
 */
export function createServerLines(folder: string): (line: string) => readonly string[] {
  const said = new Set<string>()

  /** Frames within the app alone, by their paths in it; all of them where none is. */
  function ownFrames(stack: string): string[] {
    const lines = stack.split('\n')
    const frames = lines.filter((line) => /^\s+at /.test(line))
    const own = frames.flatMap((frame) => ownFrame(folder, frame))
    return [...lines.filter((line) => !frames.includes(line)), ...(own.length > 0 ? own : frames)]
  }

  return (line) => {
    const logged = loggedIn(line)
    if (logged === null) {
      if (said.has(line)) return []
      said.add(line)
      return [line]
    }
    const { level, time, msg, cause, at, function: fn, service: _, requestId: __, ...fields } = logged
    if (msg === 'listening') return []
    const about = typeof fn === 'string' ? `${fn}: ` : ''
    const rest = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
    const clock = new Date(time).toTimeString().slice(0, 8)
    return [
      [`${clock} ${pino.levels.labels[level] ?? level}  ${about}${msg}`, ...rest].join('  '),
      ...[cause, typeof at === 'string' ? framesOf(at) : at].flatMap((stack) =>
        typeof stack === 'string' ? ownFrames(stack).map((one) => `    ${one.trimEnd()}`) : [],
      ),
    ]
  }
}

function loggedIn(line: string): z.infer<typeof Logged> | null {
  if (!line.startsWith('{')) return null
  try {
    return Logged.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

/** Frames that stand on one line, each on its own. */
const framesOf = (place: string) => place.replace(/(?:^| )(at (?:async )?\S)/g, '\n    $1').replace(/^\n/, '')

function ownFrame(folder: string, frame: string): string[] {
  const found = /\(?(file:\/\/\S+?|\/\S+?)((?::\d+){1,2})\)?$/.exec(frame)
  if (found?.[1] === undefined) return []
  const path = found[1].startsWith('file:') ? fileURLToPath(found[1]) : found[1]
  const within = relative(folder, path)
  if (within.startsWith('..') || within.split('/').includes('node_modules')) return []
  const named = / at (?:async )?(\S+) \(/.exec(frame)?.[1]
  return [`  at ${named === undefined ? '' : `${named}, `}${within}${found[2]}`]
}

const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

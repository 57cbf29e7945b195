import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const packages = join(import.meta.dirname, '../..')

/** What a room may import (by prefix of the imported room or package), and which words may not stand in it. */
const rooms: Record<string, { imports: RegExp; never?: RegExp }> = {
  'sdk/src': { imports: /^(sdk\/src|zod(\/.*)?)$/, never: /\bprocess\.env\b|\bBuffer\b/ },
  'server/src/core': {
    imports: /^(sdk|server\/src\/(core|ports)|zod|node:(crypto|buffer)|@noble\/.*)$/,
    never:
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bfetch\(|\b(select|insert into|delete from) /i,
  },
  'server/src/features': {
    imports: /^(sdk|server\/src\/(core|ports|features\/=)|zod|node:crypto|jose|otpauth|@bufbuild\/.*)$/,
    never:
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|cwd|pid|exit|on)|\bfetch\(|\bRequest\b\(|\binsert into |\bdelete from /i,
  },
  'server/src/ports': { imports: /^(server\/src\/ports|vitest|fast-check)$/ },
  'server/src/adapters': {
    imports: /^(server\/src\/(ports|adapters)|node:.*|(?!sdk|server\/|console\/)[a-z@].*)$/,
    never: /\bprocess\.env\b/,
  },
  'server/src/http': {
    imports:
      /^(sdk|server\/src\/(http|core|ports)|hono.*|@hono\/.*|prom-client|zod|@bufbuild\/.*|@opentelemetry\/.*|node:.*)$/,
    never: /\bprocess\.env\b/,
  },
  'server/src/config': { imports: /^(server\/src\/config|yaml|zod)$/, never: /\bprocess\.env\b/ },
  'server/src/cli': {
    imports: /^(sdk|server\/src\/(cli|main|config)|commander|node:(fs|path))$/,
    never: /\bprocess\.env\b/,
  },
  'server/src/main': { imports: /^(sdk|server\/src\/.*|pino|pg|ioredis|rolldown|zod|node:.*)$/ },
  'server/src/platform.ts': {
    imports: /^(sdk|server\/src\/(core|ports|features\/.*))$/,
    never: /\bprocess\.env\b|\bDate\.now\(/,
  },
  'console/src': { imports: /^(sdk|console\/src|(?!server\/)[a-z@][^:]*)$/, never: /packages\/server/ },
}

/** The room that a path (relative to packages/) belongs to. */
function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`) || path === `${room}.ts`)
    .sort((a, b) => b.length - a.length)[0]
}

/** What one file breaks. `path` is relative to packages/. */
export function violations(path: string, source: string): string[] {
  const room = roomOf(path)
  if (room === undefined) return [`${path}: is in no room`]
  const rule = rooms[room] as (typeof rooms)[string]
  const found: string[] = []
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const imported =
    /^\s*(?:import|export)\b(?:[^'"()=;]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  for (const [, named, loaded] of code.matchAll(imported)) {
    const name = named ?? loaded ?? ''
    const target = name.startsWith('.')
      ? normalize(join(dirname(path), name))
      : name.startsWith('@quarterdeck/sdk')
        ? 'sdk'
        : name
    const feature = /^server\/src\/features\/([^/]+)/.exec(path)?.[1]
    const place = name.startsWith('.') ? placeOf(target, feature) : target
    if (!rule.imports.test(place)) found.push(`${path}: may not import ${name}`)
  }
  if (rule.never?.test(code)) found.push(`${path}: may not say ${rule.never.exec(code)?.[0]}`)
  return found
}

/** The place that a relative import leads to; `features/=` is the importing feature itself. */
function placeOf(target: string, feature: string | undefined): string {
  const other = /^server\/src\/features\/([^/]+)/.exec(target)?.[1]
  if (other !== undefined) return other === feature ? 'server/src/features/=' : `server/src/features/${other}`
  return roomOf(target) ?? target
}

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* files(path)
    else if (/\.tsx?$/.test(entry.name) && !/\.(test|suite)\.tsx?$/.test(entry.name)) yield path
  }
}

describe('the rooms of the house', () => {
  const all = ['sdk/src', 'server/src', 'console/src'].flatMap((room) => [...files(join(packages, room))])

  it('imports run one way, and each room says only its own words', () => {
    expect(all.flatMap((file) => violations(relative(packages, file), readFileSync(file, 'utf8')))).toEqual(
      [],
    )
  })

  it('no file is over 400 lines, and no name says nothing', () => {
    const lines = all.map((file) => ({
      file: relative(packages, file),
      count: readFileSync(file, 'utf8').split('\n').length - 1,
    }))
    expect(lines.filter(({ count }) => count > 400)).toEqual([])
    expect(
      lines.filter(({ file }) => /\/(utils?|helpers?|common|types|misc|lib)(\.tsx?|\/)/.test(file)),
    ).toEqual([])
  })

  it.each([
    ['sdk/src/x.ts', `import { readFileSync } from 'node:fs'`],
    ['server/src/core/x.ts', `import { z } from '../features/records/shape.ts'`],
    ['server/src/core/x.ts', 'const at = Date.now()'],
    ['server/src/core/x.ts', 'const where = process.env.HOME'],
    ['server/src/features/records/x.ts', `import { x } from '../telemetry/shape.ts'`],
    ['server/src/features/records/x.ts', `import { x } from '../../http/app.ts'`],
    ['server/src/features/records/x.ts', `import pg from 'pg'`],
    ['server/src/features/records/x.ts', `const sql = 'insert into console_core_records'`],
    ['server/src/ports/x.ts', `import { x } from '../adapters/memory/log.ts'`],
    ['server/src/adapters/memory/x.ts', `import { x } from '../../features/records/shape.ts'`],
    ['server/src/adapters/memory/x.ts', `import { x } from '@quarterdeck/sdk/errors'`],
    ['server/src/http/x.ts', `import { x } from '../features/records/area.ts'`],
    ['server/src/http/x.ts', `import { x } from '../adapters/memory/log.ts'`],
    ['server/src/cli/x.ts', `import { x } from '../features/records/area.ts'`],
    ['server/src/cli/x.ts', 'const token = process.env.TOKEN'],
    ['server/src/platform.ts', `import { x } from './adapters/memory/log.ts'`],
    ['console/src/x.tsx', `import { x } from '../../server/src/platform.ts'`],
  ])('turns red on a violation planted in %s: %s', (path, source) => {
    expect(violations(path, source)).not.toEqual([])
  })
})

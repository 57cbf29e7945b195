import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../packages/server/test/stage.ts'
import { referencePages } from './reference.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/operate.md',
  'docs/promises.md',
]
const text = (page: string) => readFileSync(join(root, page), 'utf8')

describe('the docs', () => {
  it.each(Object.entries(referencePages()))(
    'hold the reference %s as the code has it (npm run docs)',
    (name, page) => {
      expect(text(`docs/reference/${name}`)).toBe(page)
    },
  )

  it.each(pages)('link only to what is there: %s', (page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
  })

  it('name only tests that there are', () => {
    const named = [
      ...text('docs/promises.md').matchAll(/`((?:test|ports|adapters|core|features|config|sdk)\/[^`]+)`/g),
    ].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(10)
    const missing = named.filter((path) => {
      const base = path.startsWith('sdk/')
        ? 'packages'
        : path.startsWith('test/')
          ? 'packages/server'
          : 'packages/server/src'
      const [first = ''] = path.split('*')
      return !(path.includes('*')
        ? existsSync(join(root, base, dirname(first)))
        : existsSync(join(root, base, path)))
    })
    expect(missing).toEqual([])
  })
})

describe('the commands of the docs', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  const blocks = pages.flatMap((page) =>
    [...text(page).matchAll(/```sh run\n([\s\S]*?)```/g)].map((match, index) => ({
      page,
      index,
      script: match[1] ?? '',
    })),
  )

  it('are there to be run', () => {
    expect(blocks.length).toBeGreaterThan(3)
  })

  // In order: a later block of a page goes on where the one before ended.
  it.each(pages.filter((page) => blocks.some((block) => block.page === page)))(
    'run as they stand in %s',
    async (page) => {
      const script = blocks
        .filter((block) => block.page === page)
        .map((block) => block.script)
        .join('\n')
      const env = {
        ...process.env,
        TOKEN: stage.token,
        URL: stage.url,
        QUARTERDECK_URL: stage.url,
        QUARTERDECK_TOKEN: stage.token,
      }
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env })
      expect(stdout).not.toContain('"code":')
      if (page === 'README.md') {
        expect(stdout).toContain('"status":"accepted"')
        expect(stdout).toContain('"reason":"2 tests fail"')
        expect(stdout).toContain('event: snapshot')
      }
    },
    60_000,
  )
})

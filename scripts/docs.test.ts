import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../packages/server/src/main/app/build-app.ts'
import { writeNewApp } from '../packages/server/src/main/app/new-app.ts'
import { openStage, type Stage } from '../packages/server/test/stage.ts'
import { type DocsOperator, docsOperator } from './docs-operator.ts'
import { referencePages } from './reference.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/functions.md',
  'docs/identity.md',
  'docs/operate.md',
  'docs/promises.md',
  ...readdirSync(join(root, 'docs/decisions')).map((name) => `docs/decisions/${name}`),
]
const text = (page: string) => readFileSync(join(root, page), 'utf8')

/** The blocks of a page that are run, in their order. */
const blocksOf = (page: string, language: 'sh' | 'ts') =>
  [...text(page).matchAll(new RegExp(`\`\`\`${language} run\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1] ?? '',
  )

/** The names that a page's headings have in links (GitHub's). */
const anchorsOf = (page: string) =>
  [...text(page).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

describe('the docs', () => {
  it.each(Object.entries(referencePages()))(
    'hold the reference %s as the code has it (npm run docs)',
    (name, page) => {
      expect(text(`docs/reference/${name}`)).toBe(page)
    },
  )

  it.each(pages)('link only to what is there: %s', (page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  it('name only tests that there are', () => {
    const named = [
      ...text('docs/promises.md').matchAll(
        /`((?:test|ports|adapters|core|features|config|http|sdk)\/[^`]+)`/g,
      ),
    ].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(10)
    const missing = named.filter((path) => {
      const base = path.startsWith('sdk/')
        ? 'packages'
        : path.startsWith('test/')
          ? 'packages/server'
          : 'packages/server/src'
      return globSync(join(root, base, path)).length === 0
    })
    expect(missing).toEqual([])
  })
})

describe('the commands of the docs', () => {
  let stage: Stage
  let operator: DocsOperator
  // Within the repository, where a newcomer's app lies, too: what it imports is found from there.
  mkdirSync(join(root, '.quarterdeck'), { recursive: true })
  const desk = join(mkdtempSync(join(root, '.quarterdeck/docs-')), 'desk')
  beforeAll(async () => {
    writeNewApp(desk)
    const { out } = await buildApp({ folder: desk, out: join(desk, 'dist') })
    stage = await openStage({ CONSOLE_APP: out })
    operator = await docsOperator(stage)
  })
  afterAll(async () => {
    await stage?.stop()
    rmSync(dirname(desk), { recursive: true, force: true })
  })

  /** What the commands of a page find in their environment. */
  function environmentOf(page: string): Record<string, string | undefined> {
    const common = {
      ...process.env,
      // Whoever runs this may be logged in somewhere.
      XDG_CONFIG_HOME: join(stage.folder, 'config'),
      URL: stage.url,
      QUARTERDECK_URL: stage.url,
    }
    return page === 'docs/identity.md'
      ? {
          ...common,
          QUARTERDECK_TOKEN: operator.accessToken,
          OPERATOR: operator.accessToken,
          CODE: operator.code(),
        }
      : { ...common, TOKEN: stage.token, QUARTERDECK_TOKEN: stage.token }
  }

  const said: Record<string, readonly string[]> = {
    'README.md': [
      '"result":"',
      '"title":"Printer on fire"',
      '"status":"accepted"',
      '"reason":"2 tests fail"',
      'event: snapshot',
    ],
    'docs/identity.md': [
      '"email": "bo@example.com"',
      '  runner of flow\n',
      ' is revoked.\n',
      '"refreshToken":"qd_refresh_',
      'The settings are fine.',
      'Publish a new signing key',
      '"state":"next"',
      '  current ',
    ],
    'docs/operate.md': ['The settings are fine.', 'CONSOLE_DRAIN_DELAY', '0004_table_indexes'],
  }

  const running = pages.filter((page) => blocksOf(page, 'sh').length > 0)

  it('are on the pages that have something to try', () => {
    expect(running).toEqual(expect.arrayContaining(Object.keys(said)))
  })

  // In order: a later block of a page goes on where the one before ended.
  it.each(running)(
    'run as they stand in %s',
    async (page) => {
      const script = blocksOf(page, 'sh').join('\n')
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
        cwd: root,
        env: environmentOf(page),
      })
      expect(stdout).not.toContain('"code":')
      for (const words of said[page] ?? []) expect(stdout).toContain(words)
    },
    60_000,
  )

  it('call a function of a new app by its typed client, and follow it', async () => {
    const [snippet = ''] = blocksOf('README.md', 'ts')
    const ending = `
      const end = desk.live.board(['open'], ({ result }) => {
        if (!result.some(({ title }) => title === 'Coffee is cold')) return
        // The other one has been told as well, by the same event.
        setTimeout(() => { stop(); end() }, 100)
      })`
    writeFileSync(join(desk, 'client.ts'), snippet + ending)
    const { stdout } = await run(process.execPath, ['client.ts'], {
      cwd: desk,
      env: environmentOf('README.md'),
      timeout: 30_000,
    })
    expect(stdout).toMatch(/'Coffee is cold'[^\n]*\n$/)
    // What was wrong would be told by the types, before anything is sent.
    const wrong = snippet.replace("'Coffee is cold'", '17').replace("'open'", "'lost'")
    writeFileSync(join(desk, 'client.ts'), wrong)
    const told = await run('tsc', ['-p', '.', '--types', 'node'], { cwd: desk }).then(
      () => 'nothing',
      (error: { readonly stdout: string }) => error.stdout,
    )
    expect(told).toContain("'number' is not assignable to parameter of type 'string'")
    expect(told).toContain('\'"lost"\' is not assignable')
    writeFileSync(join(desk, 'client.ts'), snippet)
    await run('tsc', ['-p', '.', '--types', 'node'], { cwd: desk })
  })

  it('verify our tokens elsewhere, and take no other for one', async () => {
    const [snippet = ''] = blocksOf('docs/identity.md', 'ts')
    const { identity } = stage.as(operator.accessToken)
    const user = await identity.mintToken({ class: 'user', subject: 'u-17', groups: ['customers'] })
    const service = await identity.mintToken({ class: 'service', subject: 's', scopes: ['records:read'] })
    const [header = '', claims = ''] = user.accessToken.split('.')
    const ours = Buffer.from(`${header}.${claims}`)
    const forged = sign(null, ours, generateKeyPairSync('ed25519').privateKey).toString('base64url')
    const tell = `
      for (const token of process.argv.slice(1))
        console.log(await userOf(token).then(JSON.stringify, (error) => error.code ?? error.message))`
    const { stdout } = await run(
      process.execPath,
      [
        '--input-type=module-typescript',
        '-e',
        snippet + tell,
        user.accessToken,
        service.accessToken,
        `${ours}.${forged}`,
      ],
      { cwd: root, env: environmentOf('docs/identity.md') },
    )
    expect(stdout.trim().split('\n')).toEqual([
      '{"tenant":"default","subject":"u-17","groups":["customers"]}',
      'not a token of a user',
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    ])
  })
})

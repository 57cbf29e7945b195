import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { begin, endAll, quarterdeck } from '../program.ts'
import { openStage, type Stage } from '../stage.ts'
import type { TestBrowser } from './browser-of.ts'
import { factorOf, localOwner, mailTo, roomInStep } from './people.ts'

const email = 'cli@example.com'
const program = fileURLToPath(new URL('../../src/cli/quarterdeck.ts', import.meta.url))

// One story, in order: each step stands on what the one before left behind.
describe('a person at the command line', { timeout: 60_000 }, () => {
  let stage: Stage
  let owner: TestBrowser
  let env: Record<string, string>
  let logins: string
  let code: (step?: number) => string
  const run = (args: readonly string[], input?: string) => quarterdeck(args, env, input)
  const output = async (args: readonly string[], input?: string) => {
    const { code: exit, out, err } = await run(args, input)
    expect([exit, exit === 0 ? '' : err]).toEqual([0, ''])
    return out
  }
  const kept = () => JSON.parse(readFileSync(logins, 'utf8'))[stage.url] as Record<string, string>
  const change = (more: Record<string, string>) =>
    writeFileSync(logins, JSON.stringify({ [stage.url]: { ...kept(), ...more } }))

  beforeAll(async () => {
    stage = await openStage()
    owner = await localOwner(stage)
    env = { QUARTERDECK_URL: stage.url, XDG_CONFIG_HOME: join(stage.folder, 'config') }
    logins = join(stage.folder, 'config', 'quarterdeck', 'logins.json')
    const { status } = await owner.ask('POST /identity/operators', { email, role: 'owner' })
    expect(status).toBe(200)
  })
  afterAll(async () => {
    await endAll()
    await stage.stop()
  })

  /** Logs in and types what is asked: the code of the mail, then whatever else. */
  async function logIn(typed: readonly string[] = []) {
    const asked = Date.now()
    const child = begin(program, ['login', '--email', email], env)
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk
      })
    const ended = once(child, 'close')
    const mail = await mailTo(owner, email, asked)
    const mailed = /^([0-9A-Z]{4}-[0-9A-Z]{4})$/m.exec(mail)?.[1] ?? ''
    child.stdin?.end(`${[mailed, ...typed].join('\n')}\n`)
    await ended
    return { exit: child.exitCode, said }
  }

  it('logs in by the code of a mail; the login is for their own eyes', async () => {
    expect(await logIn()).toEqual({ exit: 0, said: `Logged in at ${stage.url}.\n` })
    expect(statSync(logins).mode & 0o777).toBe(0o600)
    const session = JSON.parse(await output(['call', 'identity.readSession']))
    expect(session).toMatchObject({ actor: { email, class: 'operator' }, roles: ['owner'] })
  })

  it('renews the login before it ends, and says when it is over', async () => {
    const before = kept()
    change({ expiresAt: new Date(Date.now() + 5_000).toISOString() })
    await Promise.all([1, 2, 3].map(() => output(['call', 'identity.readSession'])))
    expect(kept().refreshToken).not.toBe(before.refreshToken)
    const good = kept()
    change({ expiresAt: new Date(0).toISOString(), refreshToken: 'of-nobody' })
    const over = await run(['call', 'identity.readSession'])
    expect([over.code, over.err]).toEqual([
      1,
      'unauthenticated: The login has ended; run: quarterdeck login\n',
    ])
    expect(readFileSync(logins, 'utf8')).toBe('{}')
    writeFileSync(logins, JSON.stringify({ [stage.url]: good }))
  })

  it('makes, rotates and revokes tokens, given out once', async () => {
    const made = JSON.parse(
      await output([
        'token',
        'create',
        '--kind',
        'service',
        '--label',
        'ci',
        '--scope',
        'records:write',
        'records:read',
        '--expires',
        '30d',
      ]),
    ) as { id: string; token: string }
    const by = (token: string, from = 'QUARTERDECK_TOKEN') =>
      quarterdeck(['call', 'records.state'], { ...env, [from]: token })
    expect((await by(made.token)).code).toBe(0)
    expect(await output(['token', 'list'])).toMatch(new RegExp(`^${made.id}  service .*  ci$`, 'm'))
    const out = join(stage.folder, 'token')
    const rotated = await output(['token', 'rotate', made.id, '--overlap', '0', '--out', out])
    expect(JSON.parse(rotated)).toEqual({ id: made.id, out })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect((await by(made.token)).code).toBe(1)
    expect((await run(['call', 'records.state', '--token-file', out])).code).toBe(0)
    expect(await output(['token', 'revoke', made.id])).toBe(`${made.id} is revoked.\n`)
    expect((await run(['call', 'records.state', '--token-file', out])).err).toMatch(/^credential_revoked: /)
    const twice = await run(['token', 'rotate', 'none', '--out', out])
    expect([twice.code, twice.err]).toEqual([1, expect.stringMatching(/^not_found: /)])
  })

  it('makes a token of a producer', async () => {
    const args = ['--kind', 'producer', '--label', 'runner', '--producer', 'runner:flow', '--tier', 'gold']
    const { id } = JSON.parse(await output(['token', 'create', ...args])) as { id: string }
    const { items } = JSON.parse(await output(['call', 'identity.listTokens'])) as { items: { id: string }[] }
    expect(items.find((one) => one.id === id)).toMatchObject({
      kind: 'producer',
      producers: [{ id: 'runner', product: 'flow' }],
      tier: 'gold',
    })
  })

  it('enrols a second factor, and is asked for it at the next login', async () => {
    const begun = JSON.parse(await output(['call', 'identity.enrolTotp'])) as { secret: string }
    code = factorOf(begun.secret)
    await roomInStep(10_000)
    await output(['call', 'identity.confirmTotp', '--file', '-'], JSON.stringify({ code: code(-1) }))
    expect(await logIn([code()])).toEqual({ exit: 0, said: `Logged in at ${stage.url}.\n` })
  })

  it('proves a dangerous act by word and code, after it was shown', async () => {
    expect(await output(['keys', 'status'])).toMatch(/^\S+ {2}current /m)
    const refused = await run(['keys', 'rotate'], 'ROTATES\n000000\n')
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(/\n(proof_invalid|code_invalid): /),
    ])
    const unanswered = await run(['keys', 'rotate'])
    expect(unanswered.err).toMatch(/^invalid: Nobody answers: Type ROTATE to go on$/m)
    // The step of the login was used; the next one counts already.
    const rotated = await run(['keys', 'rotate'], `ROTATE\n${code(1)}\n`)
    expect([rotated.code, rotated.out]).toEqual([0, expect.stringMatching(/^\S+ {2}next /m)])
    expect(rotated.err).toMatch(/^\S.*\n( {2}\w+ .*\n)* {2}actionHash {5}[0-9a-f]{64}\n/)
  })

  it('is told no secret by a failure', async () => {
    const canary = 'canary-value-that-nothing-may-print'
    const failed = await quarterdeck(['call', 'records.state', '--token-file', join(stage.folder, canary)], {
      ...env,
      CONSOLE_METRICS_TOKEN: canary,
    })
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('[redacted]')])
    expect(failed.out + failed.err).not.toContain(canary)
  })
})

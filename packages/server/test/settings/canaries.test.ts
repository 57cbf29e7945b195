import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { inspectConfig } from '../../src/config/resolve.ts'
import { type Setting, type SettingName, settingNames, settings } from '../../src/config.ts'
import { type Canary, seenIn, seenInFiles } from '../journeys/canaries.ts'
import { endAll, quarterdeck, serve } from '../program.ts'
import { freshFolder } from './alive.ts'

/** Unlike anything else in a test run, and the same in each. */
const odd = (name: string) => createHash('sha256').update(`canary of ${name}`).digest('hex')
const word = (name: string) => odd(name).slice(0, 40)
const base64 = (name: string) => Buffer.from(odd(name), 'hex').toString('base64')
const issuer = { issuer: 'https://login.example.com', audience: 'a', tenantClaim: 't', clientId: 'c' }

/** For each secret setting: a canary, and a value that holds it and is as it should be. */
const planted: Partial<Record<SettingName, readonly [string, (needle: string) => string]>> = {
  CONSOLE_DATABASE_URL: [word('file'), (needle) => join(freshFolder(), `${needle}.sqlite`)],
  CONSOLE_DATABASE_DIRECT_URL: [word('direct'), (needle) => `postgres://me:${needle}@127.0.0.1:1/x`],
  CONSOLE_REDIS_URL: [word('redis'), (needle) => `redis://me:${needle}@127.0.0.1:1`],
  CONSOLE_RATE_LIMIT_REDIS_URL: [word('limits'), (needle) => `redis://:${needle}@127.0.0.1:1`],
  CONSOLE_SECRET: [odd('secret'), String],
  CONSOLE_SECRET_PREVIOUS: [odd('previous'), String],
  CONSOLE_AUTH_TOKEN: [word('token'), String],
  CONSOLE_AUTH_TOKENS_JSON: [
    word('tokens'),
    (token) => JSON.stringify([{ token, tenantId: 'default', label: 'ci' }]),
  ],
  CONSOLE_API_KEYS: [word('key'), (needle) => `${needle},another-key`],
  CONSOLE_CLAIM_CODE: [word('claim'), String],
  CONSOLE_SIGNING_KEY_B64: [base64('current'), String],
  CONSOLE_SIGNING_KEY_NEXT_B64: [base64('next'), String],
  CONSOLE_SIGNING_KEY_PREVIOUS_B64: [base64('before'), String],
  CONSOLE_OAUTH_CLIENT_SECRET: [word('client'), String],
  CONSOLE_OAUTH_ISSUERS_JSON: [
    word('issuers'),
    (clientSecret) => JSON.stringify([{ ...issuer, clientSecret }]),
  ],
  CONSOLE_SMTP_URL: [word('smtp'), (needle) => `smtp://me:${needle}@127.0.0.1:1`],
  CONSOLE_METRICS_TOKEN: [word('metrics'), String],
  OTEL_EXPORTER_OTLP_HEADERS: [word('headers'), (needle) => `x-key=${needle}`],
  LANGSMITH_API_KEY: [word('langsmith'), String],
}
const secretNames = settingNames.filter((name) => (settings[name] as Setting).secret)
const all: Canary[] = Object.entries(planted).map(([name, [needle]]) => ({ name, text: needle, needle }))
const given = () =>
  Object.fromEntries(Object.entries(planted).map(([name, [needle, say]]) => [name, say(needle)]))
const beside = {
  CONSOLE_TELEMETRY_STORAGE: 'sqlite',
  CONSOLE_OAUTH_ISSUER: 'https://other.example.com',
  CONSOLE_OAUTH_AUDIENCE: 'a',
  CONSOLE_OAUTH_CLIENT_ID: 'c',
  CONSOLE_OTEL_ENABLED: 'true',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
  CONSOLE_LANGSMITH_ENABLED: 'true',
  LANGSMITH_ENDPOINT: 'http://127.0.0.1:1',
}

describe('secrets in the settings', { timeout: 60_000 }, () => {
  afterEach(endAll)

  it('are planted in every secret setting', () => {
    expect(Object.keys(planted).sort()).toEqual([...secretNames].sort())
  })

  it('are shown by no command, set well', async () => {
    const env = { ...given(), ...beside, CONSOLE_DATA_DIR: freshFolder() }
    const commands = [['config'], ['config', '--json'], ['config', '--check'], ['config', '--example']]
    for (const args of commands) {
      const { code, out, err } = await quarterdeck(args, env)
      expect([args, code, seenIn(out + err, all)]).toEqual([args, 0, []])
    }
  })

  it('are shown by no command that fails, nor is what is typed or kept in a file', async () => {
    const folder = freshFolder()
    const typed: Canary = { name: 'typed', text: word('typed'), needle: word('typed') }
    const kept: Canary = { name: 'of a file', text: word('kept'), needle: word('kept') }
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, kept.needle)
    const env = {
      ...given(),
      ...beside,
      CONSOLE_DATA_DIR: join(folder, 'data'),
      QUARTERDECK_URL: 'http://127.0.0.1:1',
      XDG_CONFIG_HOME: folder,
    }
    const broken = `{"${typed.needle}": "${typed.needle}`
    const lines = `${typed.needle}\n${typed.needle}\n`
    const from = ['--token-file', tokenFile]
    const commands: [string[], string?][] = [
      [['migrate', '--status']],
      [['claim-code']],
      [['log', 'verify']],
      [['overlay', 'check', join(folder, typed.needle)]],
      [['overlay', 'env', folder]],
      [['emit', ...from], broken],
      [['emit', '--local'], broken],
      [['inspect', ...from]],
      [['inspect', '--local', '--at', 'nonsense']],
      [['login', '--email', 'a@example.com'], lines],
      [['call', 'records.state', ...from]],
      [['call', 'identity.confirmLink', '--file', '-', ...from], broken],
      [['token', 'list']],
      [['token', 'create', '--kind', 'service', '--label', 'ci', ...from]],
      [['token', 'rotate', 'none', ...from]],
      [['token', 'revoke', 'none', ...from]],
      [['keys', 'status', ...from]],
      [['keys', 'rotate', ...from], lines],
    ]
    const seen: unknown[] = []
    const failed = new Set<number | null>()
    const run = async ([args, input]: [string[], string?]) => {
      const { code, out, err } = await quarterdeck(args, env, input)
      failed.add(code)
      // A folder that is named by its user is no secret.
      const said = (out + err).replaceAll(folder, '')
      const shown = seenIn(said, args[0] === 'overlay' ? all : [...all, typed, kept])
      if (shown.length > 0) seen.push([args, shown])
    }
    while (commands.length > 0) await Promise.all(commands.splice(0, 3).map(run))
    expect(seen).toEqual([])
    expect(failed).toContain(1)
  })

  it('are in no word of what is wrong with them', async () => {
    const told = (env: Record<string, string>) =>
      JSON.stringify(
        inspectConfig({
          env: { CONSOLE_RUNTIME_MODE: 'hosted', ...env },
          version: '0.1.0',
          readFile: () => 'x',
          isFolder: () => false,
        }).problems,
      )
    const broken: Record<string, string> = {}
    for (const name of secretNames) {
      const [needle = ''] = planted[name] ?? []
      const url = `ftp://${needle}:${needle}@host`
      for (const text of [`${needle} ${needle}`, `[{"${needle}":`, `[{"${needle}":"${needle}"}]`, url])
        expect([name, seenIn(told({ [name]: text }), all)]).toEqual([name, []])
      const twice = told({ [name]: needle, [`${name}_FILE`]: needle })
      expect([name, twice.includes('setting_twice'), seenIn(twice, all)]).toEqual([name, true, []])
      broken[name] = url
    }
    for (const args of [['config', '--check'], ['serve']]) {
      const env = { CONSOLE_RUNTIME_MODE: 'hosted', ...broken, CONSOLE_DATA_DIR: freshFolder() }
      const { code, out, err } = await quarterdeck(args, env)
      expect([code, seenIn(out + err, all)]).toEqual([78, []])
    }
  })

  it('are in no log, answer or file of a server that fails at whatever it tries', async () => {
    const folder = freshFolder()
    const data = join(folder, 'data')
    mkdirSync(data)
    const server = await serve({
      ...given(),
      ...beside,
      CONSOLE_DATA_DIR: data,
      CONSOLE_LOG_LEVEL: 'debug',
      CONSOLE_METRICS_ENABLED: 'true',
      CONSOLE_METRICS_PORT: '0',
    })
    const answers: string[] = []
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(server.url + path, init)
      answers.push(JSON.stringify([...answer.headers]) + (await answer.text()))
    }
    for (const { needle } of all) {
      const held = encodeURIComponent(needle)
      await ask(`/${held}?at=${held}`, { headers: { authorization: `Bearer ${needle}` } })
      await ask(`/records/${held}`, { headers: { 'x-api-key': needle } })
      await ask('/session', {
        method: 'POST',
        body: `{"token": "${needle}"`,
        headers: { 'content-type': 'application/json' },
      })
    }
    await ask('/auth/link', {
      method: 'POST',
      body: JSON.stringify({ email: 'nobody@example.com' }),
      headers: { 'content-type': 'application/json' },
    })
    for (const path of ['/readyz', '/healthz', '/version', '/openapi.json', '/.well-known/jwks.json'])
      await ask(path)
    expect(await server.stop()).toBe(0)
    expect(seenIn(answers.join('\n'), all)).toEqual([])
    expect(seenIn(server.said(), all)).toEqual([])
    writeFileSync(join(folder, 'said'), server.said())
    expect(seenInFiles(folder, all)).toEqual([])
  })
})

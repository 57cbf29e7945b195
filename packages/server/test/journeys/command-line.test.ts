import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { endAll, quarterdeck, serve } from '../program.ts'
import { event, measurement } from '../stage.ts'

const canary = 'canary-value-that-nothing-may-print'
const secret = Array.from({ length: 32 }, (_, n) => (n * 7 + 5).toString(16).padStart(2, '0')).join('')

describe('the command line', { timeout: 30_000 }, () => {
  let folder: string
  let local: Record<string, string>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarterdeck-cli-'))
    local = { CONSOLE_DATA_DIR: join(folder, 'data'), CONSOLE_AUTH_TOKEN: 'token-of-the-command-line-0001' }
  })
  afterEach(async () => {
    await endAll()
    rmSync(folder, { recursive: true, force: true })
  })
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  describe('of settings', () => {
    it('shows every value and where it came from, and of secrets only that they are set', async () => {
      const env = {
        PORT: '4321',
        CONSOLE_SECRET_FILE: file('secret', `${secret}\n`),
        CONSOLE_AUTH_TOKEN: canary,
        CONSOLE_APP_NAME: 'Harbour',
      }
      const { code, out, err } = await quarterdeck(['config'], env)
      expect([code, err]).toEqual([0, ''])
      const row = (name: string) => out.split('\n').find((line) => line.startsWith(`${name} `))
      expect(row('CONSOLE_PORT')).toMatch(/ 4321 +environment \(PORT\)$/)
      expect(row('CONSOLE_SECRET')).toMatch(/ set +file$/)
      expect(row('CONSOLE_AUTH_TOKEN')).toMatch(/ set +environment$/)
      expect(row('CONSOLE_APP_NAME')).toMatch(/ Harbour +environment$/)
      expect(row('CONSOLE_TELEMETRY_RETENTION_DAYS')).toMatch(/ 90 +default$/)
      expect(row('CONSOLE_OVERLAY')).toMatch(/unset$/)
      const json = await quarterdeck(['config', '--json'], env)
      expect(JSON.parse(json.out)).toMatchObject({ problems: [], warnings: [] })
      expect(out + json.out).not.toMatch(new RegExp(`${canary}|${secret}`))
      expect((await quarterdeck(['config', '--check'], env)).out).toBe('The settings are fine.\n')
      expect((await quarterdeck(['config', '--example'], {})).out).toContain('# CONSOLE_PORT=3000')
    })

    const sixFaults = {
      CONSOLE_RUNTIME_MODE: 'hosted',
      CONSOLE_TELEMETRY_STORAGE: 'sqlite',
      CONSOLE_PUBLIC_ORIGIN: 'http://console.example.com',
      CONSOLE_AUTH_TOKENS_JSON: `[{"token":"${canary}","tenantId":"a","label":"x","${canary}":1}]`,
      CONSOLE_AUTH_TOKEN: canary,
      CONSOLE_REDIS_URL: `redis://:${canary}@localhost:1`,
    }
    const sixCodes = [
      'storage_not_postgres',
      'database_url_missing',
      'secret_missing',
      'environment_missing',
      'public_origin_invalid',
      'tokens_json_invalid',
    ]

    it.each([[['config', '--check']], [['config']], [['serve']]])(
      'says all six faults of a hosted server at once by %j, without a value, and ends with 78',
      async (args) => {
        const { code, out, err } = await quarterdeck(args, { ...sixFaults, CONSOLE_DATA_DIR: folder })
        expect(code).toBe(78)
        expect(new Set(err.match(/^[a-z_]+(?= {2})/gm))).toEqual(new Set(sixCodes))
        expect(out + err).not.toContain(canary)
      },
    )

    it('refuses each other fault by its code', async () => {
      const overlay = (text: string) => {
        const at = mkdtempSync(join(folder, 'overlay-'))
        writeFileSync(
          join(at, 'overlay.yaml'),
          `apiVersion: quarterdeck/overlay-1\nenvironment: local\n${text}`,
        )
        return at
      }
      const faults: [string, Record<string, string>][] = [
        ['tenant_not_allowed', { CONSOLE_TENANT_ID: 'b', CONSOLE_TENANT_ALLOWLIST: 'a,c' }],
        ['product_root_invalid', { CONSOLE_TELEMETRY_PRODUCT_ROOTS: 'shop:/no/such/folder' }],
        ['product_root_unknown', { CONSOLE_TELEMETRY_DESCRIPTOR_PATHS: 'product:shop:x.json' }],
        ['retention_invalid', { CONSOLE_TELEMETRY_RETENTION_DAYS: '3651' }],
        ['overlay_invalid', { CONSOLE_OVERLAY: join(folder, 'none') }],
        ['overlay_invalid', { CONSOLE_OVERLAY: overlay('surprise: 1\n') }],
        ['overlay_invalid', { CONSOLE_OVERLAY: overlay(''), CONSOLE_ENVIRONMENT: 'other' }],
        ['base_pin_mismatch', { CONSOLE_OVERLAY: overlay('base: { version: 99.0.0 }\n') }],
        ['setting_twice', { CONSOLE_SECRET: secret, CONSOLE_SECRET_FILE: file('secret', secret) }],
        ['setting_alias_differs', { CONSOLE_PORT: '1', PORT: '2' }],
      ]
      for (const [fault, env] of faults) {
        const { code, err } = await quarterdeck(['config', '--check'], env)
        expect([fault, code, err]).toEqual([fault, 78, expect.stringMatching(new RegExp(`^${fault} {2}\\S`))])
      }
    })

    it('names the nearest setting for one that is none: hosted refuses it, local warns', async () => {
      const wrong = { CONSOLE_TELEMETRY_STORGE: 'postgres' }
      const warned = await quarterdeck(['config', '--check'], wrong)
      expect([warned.code, warned.err]).toEqual([
        0,
        'warning  CONSOLE_TELEMETRY_STORGE is not a setting; did you mean CONSOLE_TELEMETRY_STORAGE?\n',
      ])
      const refused = await quarterdeck(['config', '--check'], { ...wrong, CONSOLE_RUNTIME_MODE: 'hosted' })
      expect([refused.code, refused.err]).toEqual([
        78,
        expect.stringMatching(/^setting_unknown .*did you mean CONSOLE_TELEMETRY_STORAGE\?$/m),
      ])
    })
  })

  it('checks an overlay line by line, and says what settings it gives', async () => {
    mkdirSync(join(folder, 'good'))
    writeFileSync(
      join(folder, 'good', 'overlay.yaml'),
      [
        'apiVersion: quarterdeck/overlay-1',
        'environment: staging',
        'origins: { public: "https://console.harbour.test" }',
        'tenants: [{ id: cranes }, { id: harbour, default: true }]',
        'env: { CONSOLE_PORT: "4000" }',
      ].join('\n'),
    )
    expect(await quarterdeck(['overlay', 'check', join(folder, 'good')], {})).toMatchObject({
      code: 0,
      out: 'The overlay of staging is fine.\n',
    })
    const env = await quarterdeck(['overlay', 'env', join(folder, 'good')], {})
    expect(env.out.trim().split('\n').sort()).toEqual([
      'CONSOLE_ENVIRONMENT=staging',
      'CONSOLE_PORT=4000',
      'CONSOLE_PUBLIC_ORIGIN=https://console.harbour.test',
      'CONSOLE_TENANT_ALLOWLIST=cranes,harbour',
      'CONSOLE_TENANT_ID=harbour',
    ])
    const lines = [
      'apiVersion: quarterdeck/overlay-1',
      'environment: staging',
      'surprise: yes',
      'env:',
      '  CONSOLE_SECRET: no',
    ]
    mkdirSync(join(folder, 'bad'))
    writeFileSync(join(folder, 'bad', 'overlay.yaml'), lines.join('\n'))
    const bad = await quarterdeck(['overlay', 'check', join(folder, 'bad')], {})
    expect([bad.code, bad.err]).toEqual([78, expect.stringContaining('line 3: unknown key surprise')])
    writeFileSync(join(folder, 'bad', 'overlay.yaml'), lines.filter((_, n) => n !== 2).join('\n'))
    const secretive = await quarterdeck(['overlay', 'check', join(folder, 'bad')], {})
    expect([secretive.code, secretive.err]).toEqual([
      78,
      expect.stringMatching(/line 4: CONSOLE_SECRET is a/),
    ])
  })

  it('keeps and shows records with no server, and is refused the folder while one has it', async () => {
    const told = file('told.ndjson', [event('e1'), event('e2')].map((one) => JSON.stringify(one)).join('\n'))
    const emitted = await quarterdeck(['emit', told, '--local'], local)
    expect([emitted.code, emitted.err]).toEqual([0, ''])
    expect(
      emitted.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { id: 'e1', status: 'accepted', position: 1 },
      { id: 'e2', status: 'accepted', position: 2 },
    ])
    const conflicting = JSON.stringify([event('e1', { type: 'process.blocked' }), event('e3')])
    const conflict = await quarterdeck(['emit', '--local'], local, conflicting)
    expect([conflict.code, conflict.out]).toEqual([
      1,
      expect.stringMatching(/"record_conflict".*\n.*"accepted"/),
    ])
    const state = await quarterdeck(['inspect', '--local'], local)
    expect(JSON.parse(state.out)).toMatchObject({ position: 3, counts: { processes: { total: 1 } } })
    expect(JSON.parse((await quarterdeck(['inspect', '--local', '--at', '1'], local)).out).position).toBe(1)

    const server = await serve(local)
    for (const args of [['emit', told, '--local'], ['inspect', '--local'], ['log', 'verify'], ['serve']]) {
      const refused = await quarterdeck(args, {
        ...local,
        CONSOLE_PORT: '0',
        CONSOLE_METRICS_ENABLED: 'false',
      })
      expect([args[0], refused.code, refused.err]).toEqual([
        args[0],
        78,
        expect.stringMatching(/^data_folder_in_use .*process \d+/m),
      ])
    }
    const env = { ...local, QUARTERDECK_URL: server.url }
    expect(JSON.parse((await quarterdeck(['inspect'], env)).out).position).toBe(3)
    expect(await server.stop()).toBe(0)
    expect((await quarterdeck(['inspect', '--local'], local)).code).toBe(0)
  })

  it('takes the folder over from a process that was killed, whoever has its number by now', async () => {
    const server = await serve(local)
    await server.kill()
    expect((await quarterdeck(['inspect', '--local'], local)).code).toBe(0)
    // Cut off while it was written, and of a process of an earlier boot whose number another one has now.
    for (const left of ['', `${process.pid} 1`]) {
      writeFileSync(join(folder, 'data', 'lock'), left)
      expect(await quarterdeck(['inspect', '--local'], local)).toMatchObject({ code: 0, err: '' })
    }
    writeFileSync(join(folder, 'data', 'lock'), String(process.pid))
    expect((await quarterdeck(['inspect', '--local'], local)).code).toBe(78)
  })

  it('calls any operation of a server, and says why it cannot', async () => {
    const server = await serve(local)
    const env = { QUARTERDECK_URL: server.url, QUARTERDECK_TOKEN: local.CONSOLE_AUTH_TOKEN }
    const call = (...args: string[]) => quarterdeck(['call', ...args], env)
    expect((await quarterdeck(['call'], {})).out).toMatch(/^records\.state +GET \/state/m)
    const appended = await call('records.append', '--input', JSON.stringify(event('e1')))
    expect([appended.code, JSON.parse(appended.out)]).toMatchObject([0, { status: 'accepted', position: 1 }])
    expect(JSON.parse((await call('records.get', '--input', '{"id":"e1"}')).out)).toMatchObject({
      position: 1,
    })
    const measured = await quarterdeck(['emit', '--telemetry'], env, JSON.stringify(measurement('m1')))
    expect([measured.code, measured.out]).toEqual([0, expect.stringContaining('"accepted"')])

    const failures: [string[], string][] = [
      [['records.get', '--input', '{"id":"none"}'], 'not_found: '],
      [['records.nothing'], 'not_found: There is no operation records.nothing'],
      [['records.get', '--input', '{nonsense'], 'invalid_json: '],
      [['telemetry.query', '--input', '{"limit":1000}'], 'invalid: '],
      [['records.state', '--url', `http://127.0.0.1:${await freePort()}`], 'dependency_unavailable: '],
      [['records.state', '--token-file', file('token', 'another')], 'unauthenticated: '],
    ]
    for (const [args, said] of failures) {
      const { code, out, err } = await call(...args)
      expect([code, out, err]).toEqual([1, '', expect.stringContaining(said)])
    }
    const unknown = await quarterdeck(['nonsense'], {})
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('unknown command')])
  })

  it('ends with 78 where a server cannot listen, or its folder was sealed under another secret', async () => {
    const taken = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
    const quiet = { ...local, CONSOLE_SECRET: secret, CONSOLE_METRICS_PORT: '0' }
    for (const name of ['CONSOLE_PORT', 'CONSOLE_METRICS_PORT']) {
      const { code, err } = await quarterdeck(['serve'], {
        CONSOLE_PORT: '0',
        ...quiet,
        [name]: String(port),
      })
      expect([code, err]).toEqual([78, `address_in_use  ${name}: cannot listen (EADDRINUSE)\n`])
    }
    taken.close()
    const other = { ...quiet, CONSOLE_PORT: '0', CONSOLE_SECRET: secret.replace(/^../, 'fe') }
    const { code, err } = await quarterdeck(['serve'], other)
    expect([code, err]).toEqual([78, expect.stringMatching(/^key_set_mismatch /)])
  })

  it('keeps the token and the secret that it made, for their owner alone', async () => {
    const own = { CONSOLE_DATA_DIR: join(folder, 'own') }
    await quarterdeck(['emit', '--local'], own, JSON.stringify(event('e1')))
    const made = () => ['token', 'secret'].map((name) => readFileSync(join(folder, 'own', name), 'utf8'))
    const before = made()
    expect(before).toEqual([
      expect.stringMatching(/^qd_service_[a-z2-7]{12}_[\w-]{43}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    expect((await quarterdeck(['emit', '--local'], own, JSON.stringify(event('e1')))).out).toContain(
      'duplicate',
    )
    expect(made()).toEqual(before)
    // Cut off while it was written: made again, never taken for a secret.
    writeFileSync(join(folder, 'own', 'token'), '')
    expect((await quarterdeck(['inspect', '--local'], own)).code).toBe(0)
    expect(made()[0]).toMatch(/^qd_service_/)
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { endAll, quarterdeck, serve } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-edge-settings-'))
afterAll(async () => {
  await endAll()
  rmSync(folder, { recursive: true, force: true })
})

describe('a setting that is none', () => {
  const wrong = { CONSOLE_DEFAULT_LIMIT: '1', CONSOLE_DATA_DIR: join(folder, 'data') }

  it('stops a hosted server, which names the right word and all else that is wrong at once', async () => {
    const { code, out, err } = await quarterdeck(['serve'], {
      ...wrong,
      CONSOLE_RUNTIME_MODE: 'hosted',
      CONSOLE_PORT: '0',
      CONSOLE_ALLOWED_ORIGINS: '*',
      CONSOLE_METRICS_HOST: '0.0.0.0',
      CONSOLE_SIGNING_KEY_B64: 'short',
      CONSOUL_STRATEGY: 'leaky-bucket',
      CONSOUL_DEFAULT_LIMIT: '5',
    })
    expect([code, out]).toEqual([78, ''])
    const lines = err.trimEnd().split('\n')
    expect(lines).toContainEqual(
      expect.stringMatching(/^setting_unknown {2}CONSOLE_DEFAULT_LIMIT is not .*CONSOLE_DEFAULT_LIMITS\?$/),
    )
    expect(lines).toContainEqual(
      expect.stringMatching(/^setting_unknown {2}CONSOUL_DEFAULT_LIMIT is not .*CONSOUL_DEFAULT_LIMITS\?$/),
    )
    const codes = lines.map((line) => line.split('  ')[0])
    expect(new Set(codes)).toEqual(
      new Set([
        'setting_unknown',
        'storage_not_postgres',
        'database_url_missing',
        'secret_missing',
        'environment_missing',
        'public_origin_invalid',
        'allowed_origins_invalid',
        'metrics_token_missing',
        'signing_key_invalid',
        'setting_invalid',
      ]),
    )
  })

  it('is a warning on a laptop, whose server starts', async () => {
    const server = await serve(wrong)
    expect(server.said()).toMatch(
      /CONSOLE_DEFAULT_LIMIT is not a setting; did you mean CONSOLE_DEFAULT_LIMITS\?/,
    )
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { writeNewApp } from '../../src/main/app/new-app.ts'
import { freePort } from '../engines/free-port.ts'
import { event, measurement } from '../stage.ts'
import { alive, type Check, freshFolder } from './alive.ts'
import { ask } from './ask.ts'

const environmentIs =
  (name: string): Check =>
  async (stage) => {
    expect((await ask(stage, 'GET /session')).body).toMatchObject({ environment: { name } })
  }
const ofProduct = 'product:shop:more.json'
/** A folder of a product, with a descriptor that must be named to be found. */
function product(): string {
  const folder = freshFolder()
  writeFileSync(join(folder, 'more.json'), JSON.stringify({ facets: [{ id: 'berth', attribute: 'berth' }] }))
  return folder
}
const mentions =
  (text: string): Check =>
  async (stage) => {
    const loaded = async () => JSON.stringify((await ask(stage, 'GET /telemetry/descriptors')).body)
    await expect.poll(loaded, { timeout: 2_000 }).toContain(text)
  }

describe('where it runs and what it stands on', () => {
  alive('CONSOLE_ENVIRONMENT', 'harbour', environmentIs('harbour'))
  alive('CONSOLE_HOST', '127.0.0.3', async (stage) => {
    const url = new URL(stage.url)
    url.hostname = '127.0.0.3'
    const answer = await fetch(new URL('/healthz', url)).catch(() => null)
    expect(answer?.status).toBe(200)
  })
  let port = 0
  alive(
    'CONSOLE_PORT',
    async () => {
      port = await freePort()
      return String(port)
    },
    async (stage) => {
      expect(new URL(stage.url).port).toBe(String(port))
    },
  )
  alive(
    'CONSOLE_DATA_DIR',
    () => join(freshFolder(), 'elsewhere'),
    async (stage) => {
      expect(stage.running.config.dataDir).toMatch(/elsewhere$/)
      expect(existsSync(join(stage.running.config.dataDir, 'quarterdeck.sqlite'))).toBe(true)
    },
  )
  alive('CONSOLE_TELEMETRY_STORAGE', 'sqlite', async (stage) => {
    await stage.client.records.append(event('e1'))
    expect(existsSync(join(stage.running.config.dataDir, 'logs', 'records'))).toBe(false)
  })
  alive(
    'CONSOLE_DATABASE_URL',
    () => join(freshFolder(), 'all.sqlite'),
    async (stage) => {
      expect(existsSync(join(stage.running.config.dataDir, 'quarterdeck.sqlite'))).toBe(false)
    },
    { CONSOLE_TELEMETRY_STORAGE: 'sqlite' },
  )
  alive(
    'CONSOLE_OVERLAY',
    () => {
      const folder = freshFolder()
      writeFileSync(join(folder, 'overlay.yaml'), 'apiVersion: quarterdeck/overlay-1\nenvironment: harbour\n')
      return folder
    },
    environmentIs('harbour'),
  )
  alive(
    'CONSOLE_APP',
    () => {
      const folder = freshFolder()
      writeNewApp(folder)
      return folder
    },
    async (stage) => {
      const { status, body } = await ask(stage, 'POST /rpc/board', { body: ['open'] })
      expect([status, body]).toEqual([200, { result: [] }])
    },
  )
  alive('CONSOLE_TENANT_ID', 'harbour', async (stage) => {
    expect((await ask(stage, 'GET /session')).body).toMatchObject({ tenant: 'harbour' })
  })
  alive('CONSOLE_BUILD_SHA', 'abc123', async (stage) => {
    expect((await ask(stage, 'GET /version')).body).toMatchObject({ gitSha: 'abc123' })
  })
  alive('CONSOLE_BUILT_AT', '2026-05-03T09:30:00Z', async (stage) => {
    expect((await ask(stage, 'GET /version')).body).toMatchObject({ builtAt: '2026-05-03T09:30:00Z' })
  })
})

describe('what it keeps', () => {
  const days = 86_400_000
  alive('CONSOLE_TELEMETRY_RETENTION_DAYS', '400', async (stage) => {
    const old = measurement('m1', { timestamp: Date.now() - 200 * days })
    const { status } = await ask(stage, 'POST /telemetry/records', { body: old })
    expect(status).toBe(200)
  })
  alive('CONSOLE_TELEMETRY_KEEP_CONTENT', 'true', async (stage) => {
    await stage.client.telemetry.append(measurement('m1', { prompt: 'Why does the build fail?' }))
    const { records } = await stage.client.telemetry.query({ preset: '15m' })
    expect(records[0]?.record).toMatchObject({ prompt: 'Why does the build fail?' })
  })
  const roots = () => ({ CONSOLE_TELEMETRY_PRODUCT_ROOTS: `shop:${product()}` })
  alive('CONSOLE_TELEMETRY_DESCRIPTOR_PATHS', ofProduct, mentions('berth'), roots)
  alive('CONSOLE_TELEMETRY_PRODUCT_ROOTS', () => roots().CONSOLE_TELEMETRY_PRODUCT_ROOTS, mentions('berth'), {
    CONSOLE_TELEMETRY_DESCRIPTOR_PATHS: ofProduct,
  })
  const isOff =
    (route: string, body: unknown): Check =>
    async (stage) => {
      const { status, body: answer } = await ask(stage, route, { body })
      expect([status, answer?.code]).toEqual([503, 'switched_off'])
    }
  alive('FLAG_RECORDS', 'false', isOff('POST /records', event('e1')))
  alive('FLAG_TELEMETRY', 'false', isOff('POST /telemetry/records', measurement('m1')))
})

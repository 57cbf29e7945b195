import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../engines/free-port.ts'
import { begin, endAll } from '../program.ts'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, patience, section } from './browser.ts'

const example = fileURLToPath(new URL('../../../../examples/hello/src/', import.meta.url))

describe('the example application', () => {
  let stage: Stage
  let browser: Opened
  let hello: string
  let said = ''
  beforeAll(async () => {
    stage = await openStage()
    browser = await openBrowser()
    const port = await freePort()
    hello = `http://127.0.0.1:${port}`
    const child = begin('--import', [join(example, 'tracing.ts'), join(example, 'main.ts')], {
      QUARTERDECK_URL: stage.url,
      QUARTERDECK_TOKEN: stage.token,
      HELLO_PORT: String(port),
      HELLO_OUTBOX: join(stage.folder, 'hello-outbox'),
    })
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    }
  })
  afterAll(async () => {
    await endAll()
    await browser?.close()
    await stage?.stop()
  })

  /** The types of the records so far. */
  const told = async () =>
    (await stage.client.records.list({ limit: 100 })).items.map(({ record }) => record.type)

  it('tells of its runs, fails a gate when it forgets, mends it when it remembers, and is traced', async () => {
    const { page, goto } = await browser.enter(stage)
    // A slow machine may fail its gate of speed, so nothing here asks for a run that passes whole.
    await expect.poll(told, { timeout: 2 * patience, message: said }).toContain('release')
    expect(await told()).toEqual(
      expect.arrayContaining(['claim', 'process.started', 'gate.opened', 'gate.passed', 'heartbeat']),
    )
    await goto('/operate')
    const row = section(page, 'Gates').locator('tr').filter({ hasText: 'Every language answers' })
    const settledGates = page.getByRole('button', { name: /^And \d+ settled$/ })
    if (await settledGates.isVisible()) await settledGates.click()
    await row.getByText('passed', { exact: true }).waitFor()

    await fetch(`${hello}/forget`, { method: 'POST', redirect: 'manual' })
    await goto('/')
    const link = page.getByRole('link', { name: 'Every language answers', exact: true })
    const card = section(page, 'Needs you').getByRole('listitem').filter({ has: link })
    await card.getByText('no greeting in de', { exact: true }).waitFor({ timeout: 2 * patience })
    await card.getByRole('link').click()
    const status = page.locator('dl').first()
    await status.getByText('failed', { exact: true }).waitFor()
    await section(page, 'Evidence present').getByText('Every language answers').first().waitFor()

    await fetch(`${hello}/remember`, { method: 'POST', redirect: 'manual' })
    await status.getByText('passed', { exact: true }).waitFor({ timeout: 2 * patience })
    await page.getByRole('link', { name: 'Overview' }).click()
    await card.waitFor({ state: 'hidden' })

    await goto('/telemetry')
    const event = page.getByRole('group', { name: 'Event' })
    await event.getByLabel('otel.span').check({ timeout: 2 * patience })
    const records = section(page, 'Records')
    await records.getByText('otel.span', { exact: true }).first().waitFor()
    await records.locator('a[href*="/telemetry/trace/"]').first().click()
    await section(page, 'Spans').locator('tbody tr').first().waitFor()
    await browser.leave()
  })
})

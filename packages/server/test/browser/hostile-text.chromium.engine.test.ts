import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../stage.ts'
import { type Opened, openBrowser, section, settled, unfold } from './browser.ts'
import { economics, flow, measure, now, tell } from './tell.ts'

const script = '<script>window.ran = 1</script>'
const image = '<img src=x onerror="window.ran = 1">'
const link = 'javascript:window.ran=1'
const hostile = `${script}${image}`

/** Whether anything that came with a record runs, could run, or was made part of the page. */
function harm(page: Page): Promise<unknown> {
  return page.evaluate(() => ({
    ran: 'ran' in window,
    made: [...document.querySelectorAll('#root script, #root img:not([alt=""])')].map(
      (each) => each.outerHTML,
    ),
    links: [...document.querySelectorAll('a, form, iframe')]
      .map((each) => each.getAttribute('href') ?? each.getAttribute('action') ?? '')
      .filter((url) => !url.startsWith('/console/') && !url.startsWith('#') && url !== ''),
  }))
}
const none = { ran: false, made: [], links: [] }

describe('text of a record', () => {
  let stage: Stage
  let browser: Opened
  beforeAll(async () => {
    stage = await openStage()
    const after = {
      title: hostile,
      label: hostile,
      summary: hostile,
      stage: hostile,
      url: link,
      command: hostile,
      kind: hostile,
      authority: hostile,
      status: hostile,
      processRef: { ...flow('process', hostile), label: hostile, url: link },
      subjectRef: { ...flow('gate', hostile), label: hostile, url: link },
      producerRef: { ...flow(hostile, hostile), label: hostile, url: link },
      decidedAt: new Date().toISOString(),
      stages: [{ id: hostile, label: hostile, status: hostile }],
    }
    const said = {
      after,
      summary: hostile,
      reason: hostile,
      refs: [flow('gate', hostile), flow('process', hostile)],
    }
    const types = [
      ['process.progressed', 'process'],
      ['gate.enriched', 'gate'],
      ['claim.freshness.changed', 'claim'],
      ['review_item.updated', 'review_item'],
      ['evidence.attached', 'evidence'],
      ['exception.requested', 'exception'],
      ['action.requested', 'action'],
      ['decision.recorded', 'decision'],
      ['flow.pipeline.snapshot', 'pipeline'],
      [hostile, hostile],
    ] as const
    await tell(
      stage,
      ...types.map(([type, kind]) => ({
        ...now(type, kind, hostile, said),
        producer: { id: hostile, product: hostile },
      })),
      economics(hostile, {
        task_slug: hostile,
        delegations: [{ role: hostile, resolved_model: hostile, outcome: 'failed' }],
      }),
      {
        schema: 'console.liveness',
        version: '0.1',
        producer: { id: hostile, product: hostile },
        actor: hostile,
        subjectId: hostile,
        at: new Date().toISOString(),
      },
    )
    await measure(stage, {
      schema_version: '0.3.0',
      event_type: hostile,
      event_id: hostile,
      session_id: hostile,
      timestamp: Date.now(),
      agent: { name: hostile, runtime: hostile },
      hook: { model: hostile },
      context: { project: hostile },
      tool: { name: hostile, duration_ms: 1 },
    })
    browser = await openBrowser()
  })
  afterEach(() => browser.leave())
  afterAll(async () => {
    await browser?.close()
    await stage?.stop()
  })

  const name = encodeURIComponent(hostile)
  it.each([
    ['the overview', '/'],
    ['the board', '/board'],
    ['a filter', `/board?q=${name}`],
    ['Operate', '/operate'],
    ['a run', `/run/flow/${name}`],
    ['a gate', `/gate/flow/${name}`],
    ['telemetry', '/telemetry?by=tool'],
    ['telemetry narrowed by it', `/telemetry?filter=tool%3A${name}`],
    ['economics', '/economics'],
    ['delegations', '/economics?view=delegations'],
    ['the name of a trace', `/telemetry/trace/${name}`],
  ])('is nothing but text in %s', async (_where, path) => {
    const { page, goto } = await browser.enter(stage, { expected: /status of 422 .*\/telemetry\/traces\// })
    await goto(path)
    await page.locator('main').getByText(image).first().waitFor()
    await unfold(page)
    expect(await harm(page)).toEqual(none)
  })

  it('leads to its run by a click and through the palette, as text still', async () => {
    const { page, goto } = await browser.enter(stage)
    await goto('/board')
    await page.getByRole('link', { name: hostile }).click()
    await page.waitForURL('**/run/flow/*')
    await section(page, 'Events').getByText(hostile).first().waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('textbox').fill('onerror')
    await page.getByRole('dialog').getByText(image).first().waitFor()
    expect(await harm(page)).toEqual(none)
    await page.keyboard.press('Escape')
  })

  it('links nowhere but to https, and only for a click', async () => {
    await tell(
      stage,
      ...[
        link,
        'http://plain.example/',
        'https://user:pass@evil.example/',
        'data:text/html,<b>',
        '//evil.example',
      ].map((url, n) => now('gate.enriched', 'gate', `link-${n}`, { after: { title: `Link ${n}`, url } })),
      now('gate.enriched', 'gate', 'link-fine', { after: { url: 'https://ci.example/7' } }),
    )
    const { page, goto } = await browser.enter(stage)
    await goto('/operate')
    await settled(page)
    const links = page.locator('main a:not([href^="/console/"])')
    expect(await links.evaluateAll((all) => all.map((each) => each.getAttribute('href')))).toEqual([
      'https://ci.example/7',
    ])
    expect(await links.getAttribute('rel')).toBe('noopener noreferrer')
    await section(page, 'Gates').getByText(link, { exact: true }).first().waitFor()
  })
})

import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const { source } = createRequire(import.meta.url)('axe-core') as { source: string }

/** What axe finds wrong with the page as it is shown now. */
export async function violations(page: Page): Promise<string[]> {
  // What moves has no colours of its own yet; what moves for ever, as a light that pulses, is waited for by nobody.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(({ effect }) => effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY),
  )
  await page.evaluate(`${source};0`)
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(of: Document): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const found = await axe.run(document)
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
    )
  })
}

/** Looks at the page in light and in dark. */
export async function inBoth(page: Page): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForFunction(
      (scheme) => document.documentElement.dataset.mantineColorScheme === scheme,
      colorScheme,
    )
    found[colorScheme] = await violations(page)
  }
  return found
}

/** A page with which nothing is wrong. */
export const clean = { light: [], dark: [] }

/** By how many pixels the page is wider than the window; 0: it fits. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth))
}

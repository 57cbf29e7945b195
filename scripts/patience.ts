import { vi } from 'vitest'

/** How long tests wait for what comes at once, on a machine that is busy with something else, in ms. */
const patienceMs = 30_000

const { waitFor } = vi
// `vi.waitFor` gives up after 1 s, and no setting says otherwise.
vi.waitFor = (callback, options = {}) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: patienceMs, ...options })

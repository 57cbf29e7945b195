import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localStorages } from '../stage.ts'
import { recordJourney } from './a-record.ts'

for (const [name, env] of localStorages) {
  recordJourney(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-journey-'))
    return { env: env(folder), drop: async () => rmSync(folder, { recursive: true, force: true }) }
  })
}

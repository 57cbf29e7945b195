import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localStorages } from '../stage.ts'
import { killJourney } from './kill-9.ts'

for (const [name, env] of localStorages) {
  killJourney(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-kill-'))
    return {
      env: { CONSOLE_DATA_DIR: join(folder, 'data'), ...env(folder) },
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    }
  })
}

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** The hash of the code that folds records: states saved by other code are folded anew. */
export function foldSource(): string {
  const folder = new URL('../features/records/fold/', import.meta.url)
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) {
    if (!/\.test(-kit)?\.ts$/.test(name)) hash.update(name).update(readFileSync(new URL(name, folder)))
  }
  return hash.digest('hex').slice(0, 16)
}

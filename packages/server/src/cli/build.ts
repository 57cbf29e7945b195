import { resolve } from 'node:path'
import { bitsText } from '@quarterdeck/sdk/functions/perms'
import { buildApp } from '../main/app/build-app.ts'

/** Builds an app, and shows its functions and its digest. */
export async function buildVerb(folder: string, options: { out?: string }): Promise<void> {
  const { manifest, out, warnings } = await buildApp({ folder, out: options.out ?? resolve(folder, 'dist') })
  const width = Math.max(0, ...manifest.functions.map(({ name }) => name.length))
  for (const { name, perm, egroup, file, live, internal, cron } of manifest.functions) {
    const marks = [live ? 'live' : '', cron === null ? (internal ? 'internal' : '') : `cron ${cron}`]
    const line = [name.padEnd(width), bitsText(perm), egroup, file, ...marks.filter((mark) => mark !== '')]
    console.log(line.join('  '))
  }
  for (const warning of warnings) console.error(`warning  ${warning}`)
  console.log(`${manifest.digest}  ${out}`)
}

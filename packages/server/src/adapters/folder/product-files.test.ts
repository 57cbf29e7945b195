import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { productFiles } from './product-files.ts'

let home = ''
const files = () =>
  productFiles({
    roots: [
      { id: 'flow', path: join(home, 'flow') },
      { id: 'shop', path: join(home, 'link-to-shop') },
    ],
    overlay: join(home, 'overlay'),
  })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'product-files-'))
  for (const folder of ['flow/plans/a', 'flow/plans/b/deep', 'flow/many', 'shop', 'overlay'])
    await mkdir(join(home, folder), { recursive: true })
  const texts: Record<string, string> = {
    'flow/console.telemetry.json': 'flow',
    'flow/plans/a/plan.json': 'A',
    'flow/plans/b/plan.json': 'B',
    'flow/plans/b/deep/plan.json': 'deep',
    'flow/plans/top.json': 'top',
    'flow/plans/.hidden.json': 'hidden',
    'flow/plans/big.json': 'x'.repeat(262_145),
    'shop/x.json': 'shop',
    'overlay/o.json': 'overlay',
    'secret.json': 'secret',
  }
  for (const [path, text] of Object.entries(texts)) await writeFile(join(home, path), text)
  await symlink(join(home, 'shop'), join(home, 'link-to-shop'))
  await symlink(join(home, 'secret.json'), join(home, 'flow/plans/link.json'))
  await symlink(home, join(home, 'flow/out'))
  for (let n = 0; n < 1_005; n += 1)
    await writeFile(join(home, `flow/many/${String(n).padStart(4, '0')}.json`), '{}')
})
afterAll(() => rm(home, { recursive: true, force: true }))

test('an address leads to a root, to the first root, or to the overlay', async () => {
  expect(await files().readFile('product:flow:console.telemetry.json')).toBe('flow')
  expect(await files().readFile('product:console.telemetry.json')).toBe('flow')
  expect(await files().readFile('product:shop:x.json')).toBe('shop')
  expect(await files().readFile('console:o.json')).toBe('overlay')
})

test.each([
  ['product:flow:../secret.json', 'may not lead out of its root'],
  ['product:flow:plans/../../secret.json', 'may not lead out of its root'],
  ['product:flow:/etc/passwd', 'needs a path under its root'],
  ['product:flow:plans\\..\\x', 'needs a path under its root'],
  ['product:flow:plans/link.json', 'goes through a symbolic link'],
  ['product:flow:out/secret.json', 'goes through a symbolic link'],
  ['product:flow:plans', 'is no file'],
  ['product:flow:plans/big.json', 'is larger than 256 KiB'],
  ['product:flow:none.json', 'is not there'],
  ['product:flow:console.telemetry.json/x', 'is not there'],
  ['product:other:x.json', 'names no product root there is'],
  ['file:///etc/passwd', 'is no address: product:<id>:<path>, product:<path> or console:<path>'],
])('%s is refused', async (address, message) => {
  await expect(files().readFile(address)).rejects.toThrow(message)
})

test('what is not there is told from what is refused', async () => {
  await expect(files().readFile('product:flow:none.json')).rejects.toMatchObject({ name: 'FileMissing' })
  await expect(productFiles({ roots: [] }).readFile('console:o.json')).rejects.toThrow('there is none')
})

test('files are found by pattern, one folder deep', async () => {
  const found = async (...patterns: string[]) =>
    (await files().findFiles('product:flow:plans', patterns)).files
  expect(await found('*/plan.json')).toEqual([
    { path: 'a/plan.json', text: 'A' },
    { path: 'b/plan.json', text: 'B' },
  ])
  expect(await found('t*p*.json', 'top.json', '*.txt', 'top*top.json', '*p.js')).toEqual([
    { path: 'top.json', text: 'top' },
  ])
  expect((await files().findFiles('product:flow:', ['*.telemetry.json'])).files).toHaveLength(1)
})

test('links, large files and deeper patterns are warned of, and the rest is read', async () => {
  const found = await files().findFiles('product:flow:plans', ['*.json', '*/*/plan.json', '**/x', '../*'])
  expect(found.files.map(({ path }) => path)).toEqual(['top.json'])
  expect(found.warnings).toEqual([
    'product:flow:plans: the pattern */*/plan.json is no name, or goes deeper than one folder',
    'product:flow:plans: the pattern **/x is no name, or goes deeper than one folder',
    'product:flow:plans: the pattern ../* is no name, or goes deeper than one folder',
    'product:flow:plans/big.json is larger than 256 KiB',
    'product:flow:plans/link.json goes through a symbolic link',
  ])
  expect((await files().findFiles('product:flow:', ['out/*.json'])).files).toEqual([])
})

test('1,000 files are read and no more', async () => {
  const { files: read, warnings } = await files().findFiles('product:flow:many', ['*.json'])
  expect(read).toHaveLength(1_000)
  expect(warnings).toEqual(['product:flow:many: only the first 1000 files are read'])
})

test('a root that leads out is refused', async () => {
  await expect(files().findFiles('product:flow:out', ['*.json'])).rejects.toThrow('symbolic link')
  await expect(files().findFiles('product:flow:..', ['*.json'])).rejects.toThrow('may not lead out')
})

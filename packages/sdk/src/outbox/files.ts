/** What an outbox needs of an open file: a part of `FileHandle` of `node:fs/promises`. */
export interface OpenFile {
  readonly appendFile: (data: string) => Promise<void>
  readonly datasync: () => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The functions of `node:fs/promises` that are handed in, so that this package needs no Node. */
export interface Files {
  readonly open: (path: string, flags: string, mode?: number) => Promise<OpenFile>
  readonly readFile: (path: string, encoding: 'utf8') => Promise<string>
  readonly mkdir: (path: string, options: { recursive: true; mode: number }) => Promise<unknown>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly link: (existing: string, name: string) => Promise<void>
  readonly unlink: (path: string) => Promise<void>
}

/** Whether a file operation failed because the file is missing (`ENOENT`) or there already (`EEXIST`). */
export function failedWith(error: unknown, code: 'ENOENT' | 'EEXIST'): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Replaces a file so that after a crash it holds all of the old or all of the new (temp, fsync, rename, fsync folder). */
export async function replaceFile(fs: Files, folder: string, name: string, content: string): Promise<void> {
  const temporary = `${folder}/${name}.new`
  const file = await fs.open(temporary, 'w', 0o600)
  try {
    await file.appendFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.rename(temporary, `${folder}/${name}`)
  const directory = await fs.open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

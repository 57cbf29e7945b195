import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canonical } from '@quarterdeck/sdk/digest'
import { listSegments, readSegment } from '../adapters/jsonl/segments.ts'
import { createProjection } from '../core/projection.ts'
import { saveRecords } from '../features/records/fold/records-fold.ts'
import { recordsFold } from '../features/records/records-fold.ts'
import type { Log } from '../ports/log.ts'
import { openEngines } from './engines.ts'
import { configure } from './environment.ts'
import { foldSource } from './fold-source.ts'
import { entryChecker } from './verify-entries.ts'

/** What was found of one log of one tenant. */
export interface Finding {
  readonly result: 'intact' | 'broken'
  readonly log: string
  readonly tenant: string
  readonly detail: string
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Checks the logs of this configuration: files line by line, positions, chains, and the fold against its saves. */
export async function verifyLogs(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Finding[]> {
  const config = configure(env)
  const findings: Finding[] = []
  if (config.storage === 'local-jsonl') {
    for (const name of ['records', 'telemetry', 'decisions'])
      findings.push(...(await verifyFiles(join(config.dataDir, 'logs', name), name)))
    if (findings.some((finding) => finding.result === 'broken')) return findings
  }
  const engines = await openEngines(config, {
    now: Date.now,
    randomId: () => crypto.randomUUID(),
    report: (what) => console.error(what),
  })
  try {
    for (const name of ['records', 'telemetry', 'decisions'] as const) {
      const log = engines.ports[name]
      for (const tenant of await log.tenants()) findings.push(await verifyPositions(log, name, tenant))
    }
    for (const tenant of await engines.ports.records.tenants())
      findings.push(await verifyFold(engines.ports.records, tenant))
  } finally {
    await engines.close()
  }
  return findings
}

/** The last positions that the index beside a log's files was told of; it is never told before the files are synced. */
function indexedHeads(folder: string, log: string): Map<string, number> {
  const path = `${folder}.index.sqlite`
  if (!existsSync(path)) return new Map()
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const rows = db
      .prepare('select tenant_id, last from console_log_heads where log = ? and last > 0')
      .all(log)
    return new Map(rows.map((row) => [String(row.tenant_id), Number(row.last)]))
  } finally {
    db.close()
  }
}

async function verifyFiles(folder: string, log: string): Promise<Finding[]> {
  const known = indexedHeads(folder, log)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const tenants = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const findings: Finding[] = []
  for (const tenant of new Set([...tenants, ...known.keys()])) {
    const told = await verifySegments(folder, log, tenant, known.get(tenant) ?? 0)
    findings.push({ ...told, log, tenant })
  }
  return findings
}

/** Every line of a tenant's files: whole, in order, none missing, chained, and none cut off at the end. */
async function verifySegments(
  folder: string,
  log: string,
  tenant: string,
  known: number,
): Promise<Pick<Finding, 'result' | 'detail'>> {
  const broken = (detail: string) => ({ result: 'broken', detail }) as const
  let lines = 0
  try {
    const segments = existsSync(join(folder, tenant)) ? await listSegments(join(folder, tenant)) : []
    // Only telemetry loses whole beginnings, by its retention.
    const after = log === 'telemetry' ? (segments[0]?.first ?? 1) - 1 : 0
    const checker = entryChecker({ after, holes: false })
    for (const segment of segments) {
      for (const entry of (await readSegment(tenant, segment)).entries) {
        const wrong = checker.look(entry)
        if (wrong !== null) return broken(wrong)
        lines += 1
      }
    }
    if (checker.position() < known)
      return broken(`the files end at ${checker.position()}, but ${known} was acknowledged`)
    return { result: 'intact', detail: `${lines} lines with their checksums` }
  } catch (error) {
    return broken(error instanceof Error ? error.message : 'unreadable')
  }
}

async function verifyPositions(log: Log, name: string, tenant: string): Promise<Finding> {
  const head = await log.head(tenant)
  // Records have holes where liveness was pruned, also at the end; the other logs lose whole beginnings only.
  const holes = name === 'records'
  const checker = entryChecker({ after: (await log.floor(tenant)) - 1, holes })
  const broken = (detail: string): Finding => ({ result: 'broken', log: name, tenant, detail })
  for (;;) {
    const entries = await log.read(tenant, checker.position(), 1_000, head)
    if (entries.length === 0) break
    for (const entry of entries) {
      const wrong = checker.look(entry)
      if (wrong !== null) return broken(wrong)
    }
  }
  const position = checker.position()
  if (!holes && position !== head) return broken(`the log ends at ${position}, its head says ${head}`)
  return {
    result: 'intact',
    log: name,
    tenant,
    detail: `positions up to ${head}${checker.chained() ? ', chained' : ''}`,
  }
}

async function verifyFold(log: Log, tenant: string): Promise<Finding> {
  const pause = async () => undefined
  const saved = createProjection({ log, fold: recordsFold(foldSource()), now: Date.now, pause })
  // A source that nothing was saved under folds from the beginning; such a number of saves never comes.
  const afresh = createProjection({
    log,
    fold: recordsFold('verify'),
    now: Date.now,
    pause,
    every: Number.MAX_SAFE_INTEGER,
  })
  const head = await log.head(tenant)
  const [one, other] = await Promise.all(
    [saved, afresh].map(async (projection) =>
      sha256(canonical(JSON.parse(saveRecords((await projection.at(tenant, head)).state)))),
    ),
  )
  const result = one === other ? 'intact' : 'broken'
  return {
    result,
    log: 'records',
    tenant,
    detail:
      result === 'intact'
        ? `the state at ${head} is what the records say`
        : `the saved state differs from the records at ${head}`,
  }
}

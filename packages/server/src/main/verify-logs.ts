import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { canonical } from '@quarterdeck/sdk/digest'
import { listSegments, readSegment } from '../adapters/jsonl/segments.ts'
import { createProjection } from '../core/projection.ts'
import { saveRecords } from '../features/records/fold/records-fold.ts'
import { recordsFold } from '../features/records/records-fold.ts'
import { sealDecision } from '../platform.ts'
import type { Log } from '../ports/log.ts'
import { openEngines } from './engines.ts'
import { configure } from './environment.ts'
import { foldSource } from './fold-source.ts'

/** What was found of one log of one tenant. */
export interface Finding {
  readonly result: 'intact' | 'broken'
  readonly log: string
  readonly tenant: string
  readonly detail: string
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Checks the logs of this configuration: files line by line, positions, chains, and the fold against its saves. */
export async function verifyLogs(): Promise<Finding[]> {
  const config = configure()
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

async function verifyFiles(folder: string, log: string): Promise<Finding[]> {
  const tenants = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const findings: Finding[] = []
  for (const { name: tenant } of tenants.filter((entry) => entry.isDirectory())) {
    let lines = 0
    try {
      for (const segment of await listSegments(join(folder, tenant)))
        lines += (await readSegment(tenant, segment)).entries.length
      findings.push({ result: 'intact', log, tenant, detail: `${lines} lines with their checksums` })
    } catch (error) {
      findings.push({
        result: 'broken',
        log,
        tenant,
        detail: error instanceof Error ? error.message : 'unreadable',
      })
    }
  }
  return findings
}

async function verifyPositions(log: Log, name: string, tenant: string): Promise<Finding> {
  const head = await log.head(tenant)
  let position = (await log.floor(tenant)) - 1
  let prevHash: string | null = null
  const broken = (detail: string): Finding => ({ result: 'broken', log: name, tenant, detail })
  for (;;) {
    const entries = await log.read(tenant, position, 1_000)
    if (entries.length === 0) break
    for (const entry of entries) {
      if (entry.position <= position) return broken(`position ${entry.position} stands twice or out of order`)
      // Records have holes where liveness was pruned; the other logs lose whole beginnings only.
      if (name !== 'records' && position > 0 && entry.position !== position + 1)
        return broken(`position ${position + 1} is missing`)
      if (entry.hash !== undefined && entry.prevHash !== undefined) {
        if (prevHash !== null && entry.prevHash !== prevHash)
          return broken(`the chain breaks at position ${entry.position}`)
        if (sealDecision({ ...entry, prevHash: entry.prevHash }) !== entry.hash)
          return broken(`the entry at position ${entry.position} was changed`)
        prevHash = entry.hash
      }
      position = entry.position
    }
  }
  if (position !== head && position !== 0) return broken(`the log ends at ${position}, its head says ${head}`)
  return {
    result: 'intact',
    log: name,
    tenant,
    detail: `positions up to ${head}${prevHash === null ? '' : ', chained'}`,
  }
}

async function verifyFold(log: Log, tenant: string): Promise<Finding> {
  const pause = async () => undefined
  const saved = createProjection({ log, fold: recordsFold(foldSource()), pause })
  // A source that nothing was saved under folds from the beginning; such a number of saves never comes.
  const afresh = createProjection({ log, fold: recordsFold('verify'), pause, every: Number.MAX_SAFE_INTEGER })
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

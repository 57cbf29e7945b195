import { Role } from '@quarterdeck/sdk/contract/identity-views'
import { fault } from '@quarterdeck/sdk/errors'
import { z } from 'zod'
import type { Json, TableShape, Tables, Tx } from '../../ports/tables.ts'

/** The reserved owner of identity's documents in `tables`; no tenant and no function can have this name. */
export const owner = '_identity'

const ms = z.number()
const Subject = z.object({ issuer: z.string(), sub: z.string() })

/** Times are Unix ms; secrets are SHA-256 in hex, or sealed where they are needed back. */
export const OperatorDoc = z.object({
  email: z.string(),
  name: z.string(),
  memberships: z.array(z.object({ tenant: z.string(), role: Role })),
  subjects: z.array(Subject),
  /** The enrolled factor's secret, sealed. */
  totp: z.string().nullable(),
  /** A factor being enrolled, sealed; it counts once it was confirmed. */
  totpNext: z.string().nullable(),
  /** The last time step whose code was used. */
  lastStep: z.number().int(),
  recovery: z.array(z.string()),
  /** Raised whenever all that was issued before must end. */
  epoch: z.number().int(),
  invitedUntil: ms.nullable(),
  disabledAt: ms.nullable(),
  createdAt: ms,
})
export type OperatorDoc = z.output<typeof OperatorDoc>

export const CredentialDoc = z.object({
  tenant: z.string(),
  kind: z.enum(['producer', 'service']),
  label: z.string(),
  hash: z.string(),
  scopes: z.array(z.string()),
  producers: z.array(z.object({ id: z.string(), product: z.string() })).optional(),
  tier: z.string().optional(),
  createdBy: z.string(),
  createdAt: ms,
  expiresAt: ms.nullable(),
  previousHash: z.string().nullable(),
  overlapUntil: ms.nullable(),
  revokedAt: ms.nullable(),
  lastUsedAt: ms.nullable(),
})
export type CredentialDoc = z.output<typeof CredentialDoc>

/** A browser's session; its id is the first 24 hex digits of the hash of its token. */
export const SessionDoc = z.object({
  hash: z.string(),
  /** An operator's id, or the credential that it was opened with (`env-…` of the settings, or a token's id). */
  actor: z.string(),
  kind: z.enum(['operator', 'credential']),
  tenant: z.string(),
  amr: z.array(z.string()),
  client: z.string(),
  /** The operator's epoch when it was opened; 0 for credentials. */
  epoch: z.number().int(),
  createdAt: ms,
  lastSeenAt: ms,
  endsAt: ms,
  revokedAt: ms.nullable(),
})
export type SessionDoc = z.output<typeof SessionDoc>

/** What a chain of refresh tokens stands for; its id is the `sid` of the access tokens. */
export const FamilyDoc = z.object({
  subject: z.string(),
  tenant: z.string(),
  class: z.enum(['operator', 'user', 'gate']),
  groups: z.array(z.string()),
  epoch: z.number().int(),
  /** Seconds that each access token lives. */
  ttl: z.number().int(),
  hash: z.string(),
  /** Whether the current refresh token's pair has been used. */
  usedAt: ms.nullable(),
  retiredHash: z.string().nullable(),
  retiredAt: ms.nullable(),
  createdAt: ms,
  endsAt: ms,
  idleUntil: ms,
  revokedAt: ms.nullable(),
})
export type FamilyDoc = z.output<typeof FamilyDoc>

/** A key pair that signs tokens; its id is its RFC 7638 thumbprint. */
export const KeyDoc = z.object({
  state: z.enum(['next', 'current', 'previous', 'retired']),
  publicJwk: z.record(z.string(), z.string()),
  /** PKCS #8 or the seed, sealed. */
  privateKey: z.string(),
  publishedAt: ms,
  signsFrom: ms.nullable(),
  verifiesUntil: ms.nullable(),
})
export type KeyDoc = z.output<typeof KeyDoc>

/** The documents by table. `subjects` maps an issuer's subject to an operator; `guards` makes rival changes meet. */
export const docs = {
  operators: OperatorDoc,
  subjects: z.object({ issuer: z.string(), sub: z.string(), operator: z.string() }),
  credentials: CredentialDoc,
  sessions: SessionDoc,
  families: FamilyDoc,
  keys: KeyDoc,
  /** `owners`: every change of who owns a tenant writes it. `keys`: every step of a rotation. */
  guards: z.object({ changes: z.number().int() }),
}
export type DocTable = keyof typeof docs
export type DocOf<Table extends DocTable> = z.output<(typeof docs)[Table]>

export const identityTables: readonly TableShape[] = [
  { name: 'operators', indexes: [{ fields: ['email'], unique: true }] },
  { name: 'credentials', indexes: [{ fields: ['tenant', 'createdAt'] }] },
  { name: 'sessions', indexes: [{ fields: ['actor'] }, { fields: ['endsAt'] }] },
  { name: 'families', indexes: [{ fields: ['subject'] }, { fields: ['endsAt'] }] },
]

/** A document with its id. */
export type Found<Table extends DocTable> = { readonly id: string } & DocOf<Table>

/** Identity's documents as of one moment, and changes to them that are kept only if nobody was first. */
export interface View {
  get<Table extends DocTable>(table: Table, id: string): Promise<Found<Table> | null>
  /** All rows whose indexed field equals the value. */
  where<Table extends DocTable>(table: Table, field: string, value: string): Promise<Found<Table>[]>
  /** One page by an index's first field, or of the whole table by id. */
  page<Table extends DocTable>(
    table: Table,
    at: {
      readonly field?: string
      readonly value?: string
      readonly limit: number
      readonly cursor?: string | undefined
    },
  ): Promise<{ rows: Found<Table>[]; cursor?: string }>
  set<Table extends DocTable>(table: Table, id: string, doc: DocOf<Table>): void
  delete(table: DocTable, id: string): void
}

export interface Store {
  /** Reads as of now. */
  view(): View
  /**
   * Runs `act` and commits what it set; when another was first, runs it again on what stands then (8 times, then
   * `write_conflict`). Throws `unique_violation`, `outcome_unknown`. What `act` throws writes nothing.
   */
  change<Result>(act: (view: View) => Promise<Result>): Promise<Result>
}

/** Identity's documents over `tables`. Call `prepare` once before. */
export function createStore({ tables }: { readonly tables: Tables }): Store {
  return {
    view: () => viewOf(tables.begin({ tenant: owner })),
    async change(act) {
      for (let attempt = 0; attempt < 8; attempt += 1) {
        const tx = tables.begin({ tenant: owner })
        await tx.snapshot()
        let result: Awaited<ReturnType<typeof act>>
        try {
          result = await act(viewOf(tx))
        } catch (error) {
          tx.abort()
          throw error
        }
        const outcome = await tx.commit()
        if (outcome.state === 'committed') return result
        if (outcome.state === 'unknown') throw fault('outcome_unknown')
        if (outcome.why === 'unique') throw fault('unique_violation')
      }
      throw fault('write_conflict')
    },
  }
}

/** Declares identity's tables; done once at start. */
export function prepare(tables: Tables): Promise<void> {
  return tables.prepare(owner, identityTables)
}

/** What a session in an earlier build's form is read as: one that ended long ago, and is swept like others. */
const endedSession: SessionDoc = {
  hash: '',
  actor: '',
  kind: 'operator',
  tenant: '',
  amr: [],
  client: '',
  epoch: 0,
  createdAt: 0,
  lastSeenAt: 0,
  endsAt: 0,
  revokedAt: 0,
}

function viewOf(tx: Tx): View {
  const parsed = <Table extends DocTable>(table: Table, row: { id: string; data: Json }): Found<Table> => {
    const read = docs[table].safeParse(row.data)
    if (!read.success && table !== 'sessions') throw read.error
    return { ...((read.success ? read.data : endedSession) as DocOf<Table>), id: row.id } as Found<Table>
  }
  const view: View = {
    async get(table, id) {
      const row = await tx.get(table, id)
      return row === null ? null : parsed(table, row)
    },
    async where(table, field, value) {
      const found: Found<typeof table>[] = []
      let cursor: string | undefined
      do {
        const part = await view.page(table, { field, value, limit: 500, cursor })
        found.push(...part.rows)
        cursor = part.cursor
      } while (cursor !== undefined)
      return found
    },
    async page(table, { field, value, limit, cursor }) {
      const { rows, cursor: next } = await tx.query(table, {
        ...(field === undefined || value === undefined ? {} : { where: { [field]: value } }),
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      const found = rows.map((row) => parsed(table, row))
      return next === undefined ? { rows: found } : { rows: found, cursor: next }
    },
    set(table, id, doc) {
      const { id: _, ...data } = doc as DocOf<typeof table> & { id?: string }
      tx.set(table, id, data as Json, owner)
    },
    delete: (table, id) => tx.delete(table, id),
  }
  return view
}

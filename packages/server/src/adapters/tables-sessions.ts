import { DocumentInvalid, type Tables, type Tx } from '../ports/tables.ts'
import type { TablesKeeping, TxState } from './tables-keeping.ts'

/** What this process knows of a transaction beside its state. */
interface Origin {
  readonly tenant: string
  /** The stored version that it goes on from; 0 when it was never put away. */
  readonly version: number
  /** When it was first put away, Unix ms; null before. */
  readonly begunAt: number | null
}

/** The sessions of the port: transactions that are put away between calls, for any process to go on with. */
export interface TablesSessions extends Pick<Tables, 'suspend' | 'resume' | 'forget' | 'suspended'> {
  /** Remembers whose a new transaction is, so that it can be put away; answers it. */
  began(tenant: string, tx: Tx): Tx
}

/** Keeps sessions over an engine. A transaction that none of this handle's `begin` made is refused. */
export function sessionsOver(needs: {
  readonly engine: Pick<TablesKeeping, 'putAway' | 'takeUp' | 'drop' | 'countSessions'>
  readonly now: () => number
  readonly ask: <Result>(run: () => Promise<Result>) => Promise<Result>
  /** Goes on with a transaction; its commit takes the stored version `session` away. */
  readonly begin: (from: { readonly tenant: string; readonly state: TxState; readonly session: number }) => Tx
  /** Ends a transaction here, and answers all that it is. Throws `TxClosed`. */
  readonly stateOf: (tx: Tx) => TxState | Promise<TxState>
}): TablesSessions {
  const { engine, ask } = needs
  const origins = new WeakMap<Tx, Origin>()

  return {
    began(tenant, tx) {
      origins.set(tx, { tenant, version: 0, begunAt: null })
      return tx
    },
    async suspend(tx, { principal, expiresAt, note = null }) {
      const origin = origins.get(tx)
      if (origin === undefined) throw new DocumentInvalid('the transaction was begun by another handle')
      const state = await needs.stateOf(tx)
      return ask(() =>
        engine.putAway({
          tenant: origin.tenant,
          principal,
          state: { ...state, note },
          version: origin.version + 1,
          begunAt: origin.begunAt ?? needs.now(),
          expiresAt: expiresAt.getTime(),
        }),
      )
    },
    async resume(tenant, principal, sid) {
      const stored = await ask(() => engine.takeUp(tenant, principal, sid, needs.now()))
      if (stored === null) return null
      const { state, version, begunAt } = stored
      const tx = needs.begin({ tenant, state, session: version })
      origins.set(tx, { tenant, version, begunAt })
      return { tx, begunAt: new Date(begunAt), note: state.note ?? null }
    },
    forget: (tenant, principal, sid) => ask(() => engine.drop(tenant, principal, sid, needs.now())),
    suspended: (tenant, principal) => ask(() => engine.countSessions(tenant, principal, needs.now())),
  }
}

import type { Outcome, Tables, Tx } from '../../../ports/tables.ts'

/** A network between us and `tables` that can lose what is sent, or what comes back. */
export function lossyTables(tables: Tables) {
  const network = {
    /** What becomes of the next commit: it arrives and its answer is lost, or it never arrives. */
    next: null as 'answer' | 'request' | null,
    /** Whether nobody can ask what became of it. */
    away: false,
    /** Called when a commit is about to be sent. */
    beforeCommit: async () => {},
    settled: 0,
  }
  const whole = new WeakMap<Tx, Tx>()

  function wrapped(tx: Tx): Tx {
    const lossy: Tx = {
      ...tx,
      async commit(meta): Promise<Outcome> {
        await network.beforeCommit()
        const lost = network.next
        network.next = null
        if (lost === 'request') return { state: 'unknown' }
        const outcome = await tx.commit(meta)
        return lost === 'answer' ? { state: 'unknown' } : outcome
      },
    }
    whole.set(lossy, tx)
    return lossy
  }

  const lossy: Tables = {
    ...tables,
    begin: (options) => wrapped(tables.begin(options)),
    suspend: (tx, session) => tables.suspend(whole.get(tx) ?? tx, session),
    async resume(tenant, principal, sid) {
      const found = await tables.resume(tenant, principal, sid)
      return found === null ? null : { ...found, tx: wrapped(found.tx) }
    },
    async settle(tenant, sid) {
      network.settled += 1
      if (network.away) throw Object.assign(new Error('away'), { name: 'TablesLost' })
      return tables.settle(tenant, sid)
    },
  }
  return { tables: lossy, network }
}

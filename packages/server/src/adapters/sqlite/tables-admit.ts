import type { DatabaseSync } from 'node:sqlite'

const sessionColumns = 'sid,tenant,owner,create_txid,isolation,buffer,buffer_version,expires_at'.split(',')

/**
 * Gives the registers `storage` and `trxs`, where somebody made them by hand before the first migration, the shape that
 * 0003 gives them: it leaves what is there. Runs in the caller's transaction.
 */
export function admitRegisters(db: DatabaseSync): void {
  const columns = db.prepare('select name, pk from pragma_table_info(?)')
  const storage = columns.all('storage')
  const keyed = storage.filter((line) => line.pk !== 0).map((line) => line.name)
  if (storage.length > 0 && !(keyed.length === 2 && keyed.includes('owner') && keyed.includes('id'))) {
    db.exec(`alter table storage rename to storage_by_hand;
      create table storage (
        owner text not null,
        id text not null,
        ptr text not null,
        permissions integer not null default 7,
        primary key (owner, id)
      ) strict, without rowid;
      insert into storage (owner, id, ptr, permissions) select owner, id, ptr, permissions from storage_by_hand;
      drop table storage_by_hand`)
  }
  // Of `trxs` with other columns nothing is kept: what it held were transactions of another program, long over.
  const sessions = new Set(columns.all('trxs').map((line) => line.name))
  if (sessions.size > 0 && !sessionColumns.every((column) => sessions.has(column))) {
    db.exec(`drop table trxs;
      create table trxs (
        sid text primary key,
        tenant text not null,
        owner text not null,
        create_txid integer not null,
        isolation text not null,
        buffer text not null,
        buffer_version integer not null,
        expires_at integer not null
      ) strict, without rowid`)
  }
}

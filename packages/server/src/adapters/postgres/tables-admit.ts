import type { ClientBase } from 'pg'

// Of `trxs` with other columns nothing is kept: what it held were transactions of another program, long over.
const admitSql = `do $admit$
declare
  v_key text;
begin
  if to_regclass('storage') is not null then
    alter table storage alter owner type text collate "C", alter id type text collate "C";
    select conname into v_key from pg_constraint where conrelid = to_regclass('storage') and contype = 'p'
      and conkey <> array(select attnum from pg_attribute where attrelid = to_regclass('storage')
        and attname = any (array['owner', 'id']) order by attname <> 'owner')::smallint[];
    if found then
      execute format('alter table storage drop constraint %I, add primary key (owner, id)', v_key);
    end if;
  end if;
  if to_regclass('trxs') is not null and (select count(*) from pg_attribute where attrelid = to_regclass('trxs')
    and attname = any (array['sid', 'tenant', 'owner', 'create_txid', 'isolation', 'buffer', 'buffer_version', 'expires_at'])
    and not attisdropped) < 8
  then
    drop table trxs;
    create table trxs (
      sid text primary key,
      tenant text not null,
      owner text not null,
      create_txid bigint not null,
      isolation text not null,
      buffer jsonb not null,
      buffer_version bigint not null,
      expires_at timestamptz not null
    );
  end if;
end
$admit$`

/**
 * Gives the registers `storage` and `trxs`, where somebody made them by hand before the first migration, the shape that
 * 0003 gives them: it leaves what is there. Runs in the caller's transaction.
 */
export async function admitRegisters(client: Pick<ClientBase, 'query'>): Promise<void> {
  await client.query(admitSql)
}

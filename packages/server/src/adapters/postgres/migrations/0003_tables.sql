-- Versioned documents. Each tenant's table is a physical table of its own with a history beside it, made at its first
-- write; what is here are the registers, and the one function that commits.
create table if not exists storage (
  owner text collate "C" not null,
  id text collate "C" not null,
  ptr text not null,
  permissions integer not null default 7,
  primary key (owner, id)
);

create table if not exists trxs (
  sid text primary key,
  tenant text not null,
  owner text not null,
  create_txid bigint not null,
  isolation text not null,
  buffer jsonb not null,
  buffer_version bigint not null,
  expires_at timestamptz not null
);

create table heads (
  owner text collate "C" primary key,
  last bigint not null default 0,
  at timestamptz not null default '-infinity'
) with (fillfactor = 50);

create table commits (
  owner text collate "C" not null,
  number bigint,
  at timestamptz not null,
  sid text collate "C" not null,
  principal text,
  function text,
  hash text,
  request text,
  idempotency text,
  input jsonb,
  result jsonb,
  touched jsonb not null default '[]',
  unique (sid, owner),
  unique (owner, number)
);
create unique index commits_idempotency_idx on commits (owner, idempotency) where idempotency is not null;

create table app_migrations (
  owner text collate "C" not null,
  id text collate "C" not null,
  checksum text not null,
  at timestamptz not null,
  primary key (owner, id)
);

-- The physical table of a tenant's table, made when there is none. Only called under the lock on the tenant's head.
create function console_tables_place(p_owner text, p_table text, p_ptr text) returns text
language plpgsql as $place$
declare
  v_ptr text;
begin
  select ptr into v_ptr from storage where owner = p_owner and id = p_table;
  if found then
    return v_ptr;
  end if;
  execute format(
    'create table if not exists %I (id text collate "C" primary key, data jsonb not null, _txid bigint not null,
       _deleted_txid bigint, _owner text not null, _order bigint not null) with (fillfactor = 80)',
    p_ptr);
  execute format(
    'create table if not exists %I (id text collate "C" not null, data jsonb not null, _txid bigint not null,
       _deleted_txid bigint, _owner text not null, _order bigint not null, primary key (id, _txid))',
    p_ptr || '_h');
  insert into storage (owner, id, ptr) values (p_owner, p_table, p_ptr);
  return p_ptr;
end
$place$;

-- Commits transactions of one tenant in the order given, each wholly or not at all; answers one verdict each.
-- transactions: [{sid, at (Unix ms), current?, parts: [{table, ptr, checked: [id], writes: [{id, data?, owner, place, fresh}]}]}];
-- a write without data deletes; checked are the ids that must not have changed since `current`.
-- verdicts: {number, at}, {conflict: {table, id}}, or {} for one that was declared void.
create function console_tables_commit(p_owner text, p_transactions jsonb) returns jsonb
language plpgsql as $commit$
declare
  v_last bigint;
  v_at timestamptz;
  v_before bigint;
  v_transaction jsonb;
  v_part jsonb;
  v_current bigint;
  v_known record;
  v_ptr text;
  v_hit text;
  v_conflict jsonb;
  v_write jsonb;
  v_id text;
  v_live boolean;
  v_owner text;
  v_order bigint;
  v_type text;
  v_count integer;
  v_end text;
  v_move text;
  v_replace text;
  v_add text;
  v_touched jsonb[];
  v_verdicts jsonb[] := '{}';
begin
  select last, at into v_last, v_at from heads where owner = p_owner for update;
  if not found then
    insert into heads (owner) values (p_owner) on conflict (owner) do nothing;
    select last, at into strict v_last, v_at from heads where owner = p_owner for update;
  end if;
  v_before := v_last;

  for v_transaction in select value from jsonb_array_elements(p_transactions) with ordinality order by ordinality loop
    -- The owner is hidden from the planner: on a young table it would take the index that begins with it, and go
    -- through all that the owner ever committed.
    select number, at into v_known from commits where sid = v_transaction ->> 'sid' and owner || '' = p_owner;
    if found then
      v_verdicts := array_append(v_verdicts, case when v_known.number is null then '{}'::jsonb
        else jsonb_build_object('number', v_known.number, 'at', extract(epoch from v_known.at) * 1000) end);
      continue;
    end if;

    v_current := coalesce((v_transaction ->> 'current')::bigint, v_last + 1);
    v_conflict := null;
    -- Nobody can have overtaken a snapshot of the present.
    if v_current <= v_last then
      for v_part in select value from jsonb_array_elements(v_transaction -> 'parts') loop
        select ptr into v_ptr from storage where owner = p_owner and id = v_part ->> 'table';
        continue when not found;
        execute format(
          'select id from %I where id = any ($1) and (_txid >= $2 or _deleted_txid >= $2) limit 1', v_ptr)
          into v_hit using array(select jsonb_array_elements_text(v_part -> 'checked')), v_current;
        if v_hit is not null then
          v_conflict := jsonb_build_object('table', v_part ->> 'table', 'id', v_hit);
          exit;
        end if;
      end loop;
    end if;
    if v_conflict is not null then
      v_verdicts := array_append(v_verdicts, jsonb_build_object('conflict', v_conflict));
      continue;
    end if;

    v_last := v_last + 1;
    v_at := greatest(v_at, to_timestamp((v_transaction ->> 'at')::double precision / 1000));
    v_touched := '{}';
    for v_part in select value from jsonb_array_elements(v_transaction -> 'parts') loop
      continue when jsonb_array_length(v_part -> 'writes') = 0;
      v_ptr := console_tables_place(p_owner, v_part ->> 'table', v_part ->> 'ptr');
      -- By its key and one by one: joined to a list, the planner would sometimes read the whole table.
      -- A live version ends with this commit, a deleted one keeps its end: that tells them apart afterwards.
      v_move := format(
        'insert into %2$I (id, data, _txid, _deleted_txid, _owner, _order)
         select id, data, _txid, coalesce(_deleted_txid, $2), _owner, _order from %1$I where id = $1
         returning _deleted_txid = $2, _owner, _order',
        v_ptr, v_ptr || '_h');
      v_replace := format(
        'update %I set data = $2, _txid = $3, _deleted_txid = null, _owner = $4, _order = $5 where id = $1', v_ptr);
      v_add := format('insert into %I (id, data, _txid, _owner, _order) values ($1, $2, $3, $4, $5)', v_ptr);
      v_end := format('update %I set _deleted_txid = $2 where id = $1 and _deleted_txid is null', v_ptr);
      for v_write in select value from jsonb_array_elements(v_part -> 'writes') with ordinality order by ordinality loop
        v_id := v_write ->> 'id';
        if v_write ? 'data' then
          execute v_move into v_live, v_owner, v_order using v_id, v_last;
          v_type := case when v_live then 'update' else 'insert' end;
          if v_live is not true or (v_write ->> 'fresh')::boolean then
            v_owner := v_write ->> 'owner';
            v_order := v_last * 1024 + (v_write ->> 'place')::bigint;
          end if;
          execute case when v_live is null then v_add else v_replace end
            using v_id, v_write -> 'data', v_last, v_owner, v_order;
        else
          v_type := 'delete';
          execute v_end using v_id, v_last;
          get diagnostics v_count = row_count;
          continue when v_count = 0;
        end if;
        v_touched := array_append(v_touched,
          jsonb_build_object('table', v_part ->> 'table', 'id', v_id, 'type', v_type));
      end loop;
    end loop;
    insert into commits (owner, number, at, sid, touched)
    values (p_owner, v_last, v_at, v_transaction ->> 'sid', to_jsonb(v_touched));
    v_verdicts := array_append(v_verdicts,
      jsonb_build_object('number', v_last, 'at', extract(epoch from v_at) * 1000));
  end loop;

  if v_last > v_before then
    update heads set last = v_last, at = v_at where owner = p_owner;
  end if;
  return to_jsonb(v_verdicts);
end
$commit$;

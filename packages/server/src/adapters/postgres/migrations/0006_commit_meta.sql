-- What a commit says of itself and is asked before it may stand, the oldest snapshot that can still be read, and tables
-- that are asked for by owner or in insertion order. Commits from the horizon on stay: by their times an instant finds
-- its snapshot.
alter table heads add column if not exists horizon bigint not null default 0;
alter table storage add column if not exists owned boolean not null default false;
alter table storage add column if not exists listed boolean not null default false;

-- With the key first, so that it is found without going through all that the owner ever committed.
create unique index commits_key_idx on commits (idempotency, owner) where idempotency is not null;
drop index commits_idempotency_idx;

-- Makes the indexes by owner and by insertion order that a table is declared to have, and notes that they are there.
create function console_tables_line_up(p_owner text, p_table text, p_ptr text, p_owned boolean, p_listed boolean)
returns void
language plpgsql as $line_up$
declare
  -- A table made by hand may end in letters that others end in too.
  v_name text := 'idx_' || case when p_ptr ~ '_[0-9a-f]{12}$' then right(p_ptr, 12) else md5(p_ptr) end;
begin
  if p_owned then
    execute format('create index if not exists %I on %I (_owner, id)', v_name || '_owner', p_ptr);
  end if;
  if p_listed then
    execute format('create index if not exists %I on %I (_order, id)', v_name || '_order', p_ptr);
  end if;
  if p_owned and p_listed then
    execute format('create index if not exists %I on %I (_owner, _order, id)', v_name || '_owner_order', p_ptr);
  end if;
  update storage set owned = owned or p_owned, listed = listed or p_listed
  where owner = p_owner and id = p_table and (owned < p_owned or listed < p_listed);
end
$line_up$;

-- Declares tables of a tenant, and makes what is not there yet; all or nothing. What a table permits is set only when it
-- is made. tables: [{name, ptr, indexes: [{name, fields: [text], unique}], owned?, listed?, permissions?}]. Raises
-- unique_violation when live rows clash.
create or replace function console_tables_prepare(p_owner text, p_tables jsonb) returns void
language plpgsql as $prepare$
declare
  v_table jsonb;
  v_index jsonb;
  v_ptr text;
  v_fields text[];
  v_columns text;
  v_compared text;
  v_clash boolean;
  v_is_new boolean;
begin
  insert into heads (owner) values (p_owner) on conflict (owner) do nothing;
  perform 1 from heads where owner = p_owner for update;
  for v_table in select value from jsonb_array_elements(p_tables) loop
    v_is_new := not exists (select from storage where owner = p_owner and id = v_table ->> 'name');
    v_ptr := console_tables_place(p_owner, v_table ->> 'name', v_table ->> 'ptr');
    if v_is_new and v_table ? 'permissions' then
      update storage set permissions = (v_table ->> 'permissions')::integer
      where owner = p_owner and id = v_table ->> 'name';
    end if;
    perform console_tables_line_up(p_owner, v_table ->> 'name', v_ptr,
      coalesce((v_table ->> 'owned')::boolean, false), coalesce((v_table ->> 'listed')::boolean, false));
    for v_index in select value from jsonb_array_elements(v_table -> 'indexes') loop
      v_fields := array(
        select value from jsonb_array_elements_text(v_index -> 'fields') with ordinality order by ordinality);
      perform console_tables_make_index(v_ptr, v_index ->> 'name', v_fields);
      if (v_index ->> 'unique')::boolean then
        select string_agg(quote_ident(console_tables_column(field)), ', '),
            string_agg(format('%I not in (%L, %L)', console_tables_column(field), '0', '5'), ' and ')
          into v_columns, v_compared from unnest(v_fields) as fields (field);
        execute format(
          'select exists (select from %I where _deleted_txid is null and %s group by %s having count(*) > 1)',
          v_ptr, v_compared, v_columns) into v_clash;
        if v_clash then
          raise unique_violation using message = format('rows of %s clash in %s', v_table ->> 'name', v_fields);
        end if;
      end if;
      insert into table_indexes (owner, id, fields, is_unique)
      values (p_owner, v_table ->> 'name', v_fields, (v_index ->> 'unique')::boolean)
      on conflict (owner, id, fields) do update set is_unique = excluded.is_unique or table_indexes.is_unique;
    end loop;
  end loop;
end
$prepare$;

-- The last commit of a tenant, its oldest snapshot that can be read, and the last commit made by an instant: the time of
-- commits never falls back, and what is not there any more lies before all that is. Without an instant the last.
create function console_tables_moment(p_owner text, p_at timestamptz, out last bigint, out horizon bigint, out by_then bigint)
language plpgsql stable as $moment$
declare
  v_middle bigint;
  v_at timestamptz;
  v_high bigint;
begin
  select h.last, h.horizon into last, horizon from heads h where h.owner = p_owner;
  last := coalesce(last, 0);
  horizon := coalesce(horizon, 0);
  by_then := last;
  if p_at is null then
    return;
  end if;
  by_then := 0;
  v_high := last;
  while by_then < v_high loop
    v_middle := (by_then + v_high + 1) / 2;
    -- Numbers that were passed over, when tables made by hand were taken in, count as the commit before them.
    select c.at into v_at from commits c where c.owner = p_owner and c.number <= v_middle order by c.number desc limit 1;
    if not found or v_at <= p_at then
      by_then := v_middle;
    else
      v_high := v_middle - 1;
    end if;
  end loop;
end
$moment$;

-- What became of a transaction, under the lock on the tenant's head: {number, at}, or {} for one that is not there. That
-- one is made void, so that it cannot commit any more. The lock is not waited for longer than who asks would wait.
create function console_tables_settle(p_owner text, p_sid text, p_at timestamptz) returns jsonb
language plpgsql set lock_timeout = '5s' as $settle$
declare
  v_known record;
begin
  perform 1 from heads where owner = p_owner for update;
  if not found then
    insert into heads (owner) values (p_owner) on conflict (owner) do nothing;
    perform 1 from heads where owner = p_owner for update;
  end if;
  select number, at into v_known from commits where sid = p_sid and owner || '' = p_owner;
  if not found then
    insert into commits (owner, at, sid) values (p_owner, p_at, p_sid);
    return '{}';
  end if;
  return case when v_known.number is null then '{}'::jsonb
    else jsonb_build_object('number', v_known.number, 'at', extract(epoch from v_known.at) * 1000) end;
end
$settle$;

-- The first row of which a version that meets a filter read began or ended at or after its `current`, as {table, id}.
-- filters: [{table, current, tests, owner?}].
create or replace function console_tables_overtaken(p_owner text, p_filters jsonb, p_last bigint) returns jsonb
language plpgsql as $overtaken$
declare
  v_filter jsonb;
  v_current bigint;
  v_ptr text;
  v_ids text[];
  v_hit text;
begin
  for v_filter in select value from jsonb_array_elements(p_filters) loop
    v_current := (v_filter ->> 'current')::bigint;
    continue when v_current > p_last;
    select ptr into v_ptr from storage where owner = p_owner and id = v_filter ->> 'table';
    continue when not found;
    select array_agg(distinct touch ->> 'id') into v_ids
      from commits, jsonb_array_elements(touched) as touches (touch)
      where owner = p_owner and number >= v_current and touch ->> 'table' = v_filter ->> 'table';
    continue when v_ids is null;
    execute format(
      'select id from (
         select id, data, _owner from %I where id = any ($1) and (_txid >= $2 or _deleted_txid >= $2)
         union all
         select id, data, _owner from %I where id = any ($1) and (_txid >= $2 or _deleted_txid >= $2)
       ) versions where ($4 is null or _owner = $4) and console_tables_meets(data, $3) limit 1', v_ptr, v_ptr || '_h')
      into v_hit using v_ids, v_current, v_filter -> 'tests', v_filter ->> 'owner';
    if v_hit is not null then
      return jsonb_build_object('table', v_filter ->> 'table', 'id', v_hit);
    end if;
  end loop;
  return null;
end
$overtaken$;

-- Makes what writes one row of a physical table, with plans that stay: id, data, the commit's number, owner and order of a
-- row that is new, and whether it is new even if one is there. Answers insert or update. A live version ends with the
-- commit, a deleted one keeps its end: that tells them apart afterwards. A plan made while the table was small must not
-- go on reading all of it.
create function console_tables_make_writer(p_ptr text) returns void
language plpgsql as $make$
begin
  execute format($text$
    create or replace function %3$I(p_id text, p_data jsonb, p_number bigint, p_owner text, p_order bigint, p_fresh boolean)
    returns text language plpgsql set enable_seqscan = off as $writer$
    declare
      v_live boolean;
      v_owner text;
      v_order bigint;
    begin
      insert into %2$I (id, data, _txid, _deleted_txid, _owner, _order)
        select id, data, _txid, coalesce(_deleted_txid, p_number), _owner, _order from %1$I where id = p_id
        returning _deleted_txid = p_number, _owner, _order into v_live, v_owner, v_order;
      if v_live is not true or p_fresh then
        v_owner := p_owner;
        v_order := p_order;
      end if;
      if v_live is null then
        insert into %1$I (id, data, _txid, _owner, _order) values (p_id, p_data, p_number, v_owner, v_order);
      else
        update %1$I set data = p_data, _txid = p_number, _deleted_txid = null, _owner = v_owner, _order = v_order
          where id = p_id;
      end if;
      return case when v_live then 'update' else 'insert' end;
    end
    $writer$
  $text$, p_ptr, p_ptr || '_h', p_ptr || '_w');
end
$make$;

-- Commits transactions of one tenant in the order given, each wholly or not at all; answers one verdict each.
-- transactions: [{sid, at (Unix ms), current?, parts: [{table, ptr, checked: [id],
-- writes: [{id, data?, owner, place, fresh}]}], filters?: [{table, current, tests, owner?}], principal?, function?, hash?,
-- request?, idempotency?, result?, bits?: [[table, bits]], migration?: {id, checksum}, session?, bare?}]; a write without
-- data deletes; checked are the ids that must not have changed since `current`, filters what no version since may meet;
-- session is the version of the stored session that the commit takes away; a bare one does that alone.
-- verdicts: {number, at}, {repeated: {number, at, request, result}}, {forbidden: table}, {conflict: {table, id}},
-- {unique: {table, id}}, or {} for one that was declared void, whose session is gone or whose migration is there. Its plans
-- stay too: none that was made while a register was small must go on reading all of it.
create or replace function console_tables_commit(p_owner text, p_transactions jsonb) returns jsonb
language plpgsql set enable_seqscan = off as $commit$
declare
  v_last bigint;
  v_at timestamptz;
  v_before bigint;
  v_i integer;
  v_j integer;
  v_k integer;
  v_transaction jsonb;
  v_part jsonb;
  v_current bigint;
  v_known record;
  v_ptr text;
  v_hit text;
  v_conflict jsonb;
  v_write jsonb;
  v_id text;
  v_type text;
  v_count integer;
  v_end text;
  v_writer text;
  v_write_row text;
  v_touched jsonb[];
  v_bit jsonb;
  v_permitted integer;
  v_verdicts jsonb[] := '{}';
begin
  select last, at into v_last, v_at from heads where owner = p_owner for update;
  if not found then
    insert into heads (owner) values (p_owner) on conflict (owner) do nothing;
    select last, at into strict v_last, v_at from heads where owner = p_owner for update;
  end if;
  v_before := v_last;

  for v_i in 0 .. jsonb_array_length(p_transactions) - 1 loop
    v_transaction := p_transactions -> v_i;
    -- The key first: a rival under the same name hears that it was not its own commit. The owner is hidden from the planner:
    -- on a young table it would take the index that begins with it, and go through all that the owner ever committed.
    if v_transaction ? 'idempotency' then
      select number, at, request, result into v_known from commits
        where idempotency = v_transaction ->> 'idempotency' and owner || '' = p_owner;
      if found then
        v_verdicts := array_append(v_verdicts, jsonb_build_object('repeated', jsonb_build_object(
          'number', v_known.number, 'at', extract(epoch from v_known.at) * 1000, 'request', v_known.request,
          'result', v_known.result)));
        continue;
      end if;
    end if;

    select number, at into v_known from commits where sid = v_transaction ->> 'sid' and owner || '' = p_owner;
    if found then
      v_verdicts := array_append(v_verdicts, case when v_known.number is null then '{}'::jsonb
        else jsonb_build_object('number', v_known.number, 'at', extract(epoch from v_known.at) * 1000) end);
      continue;
    end if;

    if v_transaction ? 'session' then
      -- Held until the end: whoever puts it away or drops it meanwhile finds it gone.
      perform 1 from trxs where sid = v_transaction ->> 'sid' and tenant = p_owner
        and buffer_version = (v_transaction ->> 'session')::bigint for update;
      if not found then
        v_verdicts := array_append(v_verdicts, '{}'::jsonb);
        continue;
      end if;
    end if;
    if v_transaction ? 'bare' then
      delete from trxs where sid = v_transaction ->> 'sid' and tenant = p_owner;
      v_verdicts := array_append(v_verdicts, jsonb_build_object('number', null, 'at', v_transaction -> 'at'));
      continue;
    end if;
    if v_transaction ? 'migration' and exists (
      select from app_migrations where owner = p_owner and id = v_transaction -> 'migration' ->> 'id')
    then
      v_verdicts := array_append(v_verdicts, '{}'::jsonb);
      continue;
    end if;

    v_hit := null;
    for v_j in 0 .. coalesce(jsonb_array_length(v_transaction -> 'bits'), 0) - 1 loop
      v_bit := v_transaction -> 'bits' -> v_j;
      select permissions into v_permitted from storage where owner = p_owner and id = v_bit ->> 0;
      if (coalesce(v_permitted, 7) & (v_bit ->> 1)::integer) <> (v_bit ->> 1)::integer then
        v_hit := v_bit ->> 0;
        exit;
      end if;
    end loop;
    if v_hit is not null then
      v_verdicts := array_append(v_verdicts, jsonb_build_object('forbidden', v_hit));
      continue;
    end if;

    v_current := coalesce((v_transaction ->> 'current')::bigint, v_last + 1);
    v_conflict := null;
    -- Nobody can have overtaken a snapshot of the present.
    if v_current <= v_last then
      -- What was purged since cannot be compared any more.
      if (v_transaction -> 'parts' <> '[]' or v_transaction ? 'filters')
        and v_current <= (select horizon from heads where owner = p_owner)
      then
        v_conflict := '{}';
      end if;
      for v_j in 0 .. jsonb_array_length(v_transaction -> 'parts') - 1 loop
      v_part := v_transaction -> 'parts' -> v_j;
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
    if v_conflict is null and v_transaction ? 'filters' then
      v_conflict := console_tables_overtaken(p_owner, v_transaction -> 'filters', v_last);
    end if;
    if v_conflict is not null then
      v_verdicts := array_append(v_verdicts, jsonb_build_object('conflict', v_conflict));
      continue;
    end if;

    for v_j in 0 .. jsonb_array_length(v_transaction -> 'parts') - 1 loop
      v_part := v_transaction -> 'parts' -> v_j;
      continue when jsonb_array_length(v_part -> 'writes') = 0;
      v_conflict := console_tables_clash(p_owner, v_part);
      exit when v_conflict is not null;
    end loop;
    if v_conflict is not null then
      v_verdicts := array_append(v_verdicts, jsonb_build_object('unique', v_conflict));
      continue;
    end if;

    v_last := v_last + 1;
    v_at := greatest(v_at, to_timestamp((v_transaction ->> 'at')::double precision / 1000));
    v_touched := '{}';
    for v_j in 0 .. jsonb_array_length(v_transaction -> 'parts') - 1 loop
      v_part := v_transaction -> 'parts' -> v_j;
      continue when jsonb_array_length(v_part -> 'writes') = 0;
      v_ptr := console_tables_place(p_owner, v_part ->> 'table', v_part ->> 'ptr');
      v_writer := v_ptr || '_w';
      if to_regproc(quote_ident(v_writer)) is null then
        perform console_tables_make_writer(v_ptr);
      end if;
      v_write_row := format('select %I($1, $2, $3, $4, $5, $6)', v_writer);
      v_end := format('update %I set _deleted_txid = $2 where id = $1 and _deleted_txid is null', v_ptr);
      for v_k in 0 .. jsonb_array_length(v_part -> 'writes') - 1 loop
        v_write := v_part -> 'writes' -> v_k;
        v_id := v_write ->> 'id';
        if v_write ? 'data' then
          execute v_write_row into v_type using v_id, v_write -> 'data', v_last, v_write ->> 'owner',
            v_last * 1024 + (v_write ->> 'place')::bigint, (v_write ->> 'fresh')::boolean;
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
    insert into commits
      (owner, number, at, sid, principal, function, hash, request, idempotency, result, touched)
    values (p_owner, v_last, v_at, v_transaction ->> 'sid', v_transaction ->> 'principal',
      v_transaction ->> 'function', v_transaction ->> 'hash', v_transaction ->> 'request',
      v_transaction ->> 'idempotency', v_transaction -> 'result', to_jsonb(v_touched));
    if v_transaction ? 'migration' then
      insert into app_migrations (owner, id, checksum, at)
      values (p_owner, v_transaction -> 'migration' ->> 'id', v_transaction -> 'migration' ->> 'checksum', v_at);
    end if;
    if v_transaction ? 'session' then
      delete from trxs where sid = v_transaction ->> 'sid' and tenant = p_owner;
    end if;
    v_verdicts := array_append(v_verdicts,
      jsonb_build_object('number', v_last, 'at', extract(epoch from v_at) * 1000));
  end loop;

  if v_last > v_before then
    update heads set last = v_last, at = v_at where owner = p_owner;
  end if;
  return to_jsonb(v_verdicts);
end
$commit$;

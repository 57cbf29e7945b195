-- Declared indexes of tables, the order of values, and a commit that keeps unique keys and guards what was read by a
-- filter.
create table table_indexes (
  owner text collate "C" not null,
  id text collate "C" not null,
  fields text[] not null,
  is_unique boolean not null,
  primary key (owner, id, fields)
);

-- A value as text that sorts by code point as values do: null (and absent) < false < true < numbers < strings < lists and
-- objects, which all have the same key. A number is its IEEE 754 bits in hex, for negative ones inverted. It names
-- nothing outside pg_catalog, since columns are made of it.
create function console_tables_key(value jsonb) returns text
language sql immutable parallel safe as $key$
  select case jsonb_typeof(value)
    when 'string' then '4' || (value #>> '{}')
    when 'number' then case
      when value::double precision < 0 then
        '3n' || translate(encode(float8send(value::double precision), 'hex'), '0123456789abcdef', 'fedcba9876543210')
      else '3p' || encode(float8send(value::double precision), 'hex')
    end
    when 'boolean' then case when value::boolean then '2' else '1' end
    when 'object' then '5'
    when 'array' then '5'
    else '0'
  end
$key$;

-- The key of a document's field, a path of keys parted by dots. Lists have no fields.
create function console_tables_field_key(data jsonb, field text) returns text
language plpgsql immutable parallel safe as $field$
declare
  v_value jsonb := data;
  v_name text;
begin
  foreach v_name in array string_to_array(field, '.') loop
    v_value := v_value -> v_name;
  end loop;
  return console_tables_key(v_value);
end
$field$;

-- Whether a document meets all tests: [{field, sign: =, <>, >, >=, <, <= or in, keys: [text]}].
create function console_tables_meets(data jsonb, tests jsonb) returns boolean
language plpgsql immutable parallel safe as $meets$
declare
  v_test jsonb;
  v_key text collate "C";
  v_bound text collate "C";
begin
  for v_test in select value from jsonb_array_elements(tests) loop
    v_key := console_tables_field_key(data, v_test ->> 'field');
    v_bound := v_test -> 'keys' ->> 0;
    if not (case v_test ->> 'sign'
      when 'in' then v_test -> 'keys' ? v_key
      when '=' then v_key = v_bound
      when '<>' then v_key <> v_bound
      when '>' then v_key > v_bound
      when '>=' then v_key >= v_bound
      when '<' then v_key < v_bound
      else v_key <= v_bound
    end) then
      return false;
    end if;
  end loop;
  return true;
end
$meets$;

-- The column that holds the key of a field.
create function console_tables_column(field text) returns text
language sql immutable parallel safe as $column$
  select '_k_' || left(encode(sha256(convert_to(field, 'UTF8')), 'hex'), 12)
$column$;

-- By this a reader of the present passes by all versions that ended before.
create function console_tables_index_history(p_ptr text) returns void
language plpgsql as $history$
begin
  execute format('create index if not exists %I on %I (_deleted_txid)',
    'idx_' || right(p_ptr, 12) || '_history', p_ptr || '_h');
end
$history$;

select console_tables_index_history(ptr) from storage where to_regclass(quote_ident(ptr || '_h')) is not null;

-- The physical table of a tenant's table, made when there is none. Only called under the lock on the tenant's head.
create or replace function console_tables_place(p_owner text, p_table text, p_ptr text) returns text
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
  perform console_tables_index_history(p_ptr);
  insert into storage (owner, id, ptr) values (p_owner, p_table, p_ptr);
  return p_ptr;
end
$place$;

-- Makes an index on a physical table, with the columns of its fields. Keys are in it with their first 128 letters, as a
-- long one would not fit; rows that have one are in a second index too, as the first cannot put those in order.
create function console_tables_make_index(p_ptr text, p_name text, p_fields text[]) returns void
language plpgsql as $make$
declare
  v_field text;
  v_value text;
  v_long text;
begin
  foreach v_field in array p_fields loop
    continue when exists (select from pg_attribute
      where attrelid = to_regclass(quote_ident(p_ptr)) and attname = console_tables_column(v_field) and not attisdropped);
    select 'data' || string_agg(format(' -> %L', part), '' order by place) into v_value
      from unnest(string_to_array(v_field, '.')) with ordinality as parts (part, place);
    execute format(
      'alter table %I add column %I text collate "C" generated always as (console_tables_key(%s)) stored',
      p_ptr, console_tables_column(v_field), v_value);
  end loop;
  select string_agg(format('left(%I, 128)', console_tables_column(field)), ', ' order by place),
      string_agg(format('char_length(%I) >= 128', console_tables_column(field)), ' or ')
    into v_value, v_long from unnest(p_fields) with ordinality as fields (field, place);
  execute format('create index if not exists %I on %I (%s, id)', p_name, p_ptr, v_value);
  execute format('create index if not exists %I on %I (%s, id) where %s', p_name || '_long', p_ptr, v_value, v_long);
end
$make$;

-- Declares indexes of a tenant's tables, and makes what is not there yet; all or nothing.
-- tables: [{name, ptr, indexes: [{name, fields: [text], unique}]}]. Raises unique_violation when live rows clash.
create function console_tables_prepare(p_owner text, p_tables jsonb) returns void
language plpgsql as $prepare$
declare
  v_table jsonb;
  v_index jsonb;
  v_ptr text;
  v_fields text[];
  v_columns text;
  v_compared text;
  v_clash boolean;
begin
  insert into heads (owner) values (p_owner) on conflict (owner) do nothing;
  perform 1 from heads where owner = p_owner for update;
  for v_table in select value from jsonb_array_elements(p_tables) loop
    v_ptr := console_tables_place(p_owner, v_table ->> 'name', v_table ->> 'ptr');
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

-- The first row of which a version that meets a filter read began or ended at or after its `current`, as {table, id}.
-- filters: [{table, current, tests}].
create function console_tables_overtaken(p_owner text, p_filters jsonb, p_last bigint) returns jsonb
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
         select id, data from %I where id = any ($1) and (_txid >= $2 or _deleted_txid >= $2)
         union all
         select id, data from %I where id = any ($1) and (_txid >= $2 or _deleted_txid >= $2)
       ) versions where console_tables_meets(data, $3) limit 1', v_ptr, v_ptr || '_h')
      into v_hit using v_ids, v_current, v_filter -> 'tests';
    if v_hit is not null then
      return jsonb_build_object('table', v_filter ->> 'table', 'id', v_hit);
    end if;
  end loop;
  return null;
end
$overtaken$;

-- The first write of a part whose document would stand in a unique index where another row stands, as {table, id}. What
-- is null, absent, a list or an object is compared with nothing.
create function console_tables_clash(p_owner text, p_part jsonb) returns jsonb
language plpgsql as $clash$
declare
  v_index record;
  v_find text;
  v_written text[];
  v_write jsonb;
  v_keys text[];
  v_taken text[];
  v_hit text;
begin
  for v_index in
    select i.fields, s.ptr from table_indexes i join storage s on s.owner = i.owner and s.id = i.id
    where i.owner = p_owner and i.id = p_part ->> 'table' and i.is_unique
  loop
    v_written := array(select value ->> 'id' from jsonb_array_elements(p_part -> 'writes'));
    select string_agg(format('left(%1$I, 128) = left($1[%2$s], 128) and %1$I = $1[%2$s]',
        console_tables_column(field), place), ' and ') into v_find
      from unnest(v_index.fields) with ordinality as fields (field, place);
    -- No more than one, as the index is unique.
    v_find := format('select id from %I where _deleted_txid is null and %s limit 1', v_index.ptr, v_find);
    v_taken := '{}';
    for v_write in select value from jsonb_array_elements(p_part -> 'writes') with ordinality order by ordinality loop
      continue when not v_write ? 'data';
      v_keys := array(select console_tables_field_key(v_write -> 'data', field)
        from unnest(v_index.fields) with ordinality as fields (field, place) order by place);
      continue when v_keys && array['0', '5'];
      execute v_find into v_hit using v_keys;
      -- A row that is written as well leaves its key, unless it is this very one.
      if (v_hit is not null and v_hit <> all (v_written)) or v_keys::text = any (v_taken) then
        return jsonb_build_object('table', p_part ->> 'table', 'id', v_write ->> 'id');
      end if;
      v_taken := array_append(v_taken, v_keys::text);
    end loop;
  end loop;
  return null;
end
$clash$;

-- Commits transactions of one tenant in the order given, each wholly or not at all; answers one verdict each.
-- transactions: [{sid, at (Unix ms), current?, parts: [{table, ptr, checked: [id],
-- writes: [{id, data?, owner, place, fresh}]}], filters?: [{table, current, tests}]}]; a write without data deletes; checked are the ids that must not have changed
-- since `current`, filters what no version since may meet.
-- verdicts: {number, at}, {conflict: {table, id}}, {unique: {table, id}}, or {} for one that was declared void.
create or replace function console_tables_commit(p_owner text, p_transactions jsonb) returns jsonb
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
    if v_conflict is null and v_transaction ? 'filters' then
      v_conflict := console_tables_overtaken(p_owner, v_transaction -> 'filters', v_last);
    end if;
    if v_conflict is not null then
      v_verdicts := array_append(v_verdicts, jsonb_build_object('conflict', v_conflict));
      continue;
    end if;

    for v_part in select value from jsonb_array_elements(v_transaction -> 'parts') loop
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

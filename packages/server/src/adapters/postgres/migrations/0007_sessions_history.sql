-- Sessions that are put away between calls, the purge of what no snapshot sees any more, what tables permit, and tables
-- that were made by hand.
alter table trxs add column if not exists begun_at timestamptz not null default '-infinity';
create index trxs_principal_idx on trxs (tenant, owner);

-- By these a purge finds the keys and answers, and the commits declared void, that are older than a day.
create index commits_answered_idx on commits (at) where idempotency is not null or result is not null;
create index commits_void_idx on commits (at) where number is null;

-- By the first index a reader of the present passes by all versions that ended before, by the second a purge finds the
-- rows that were deleted. A table made by hand may end in letters that others end in too.
create or replace function console_tables_index_history(p_ptr text) returns void
language plpgsql as $history$
declare
  v_name text := 'idx_' || case when p_ptr ~ '_[0-9a-f]{12}$' then right(p_ptr, 12) else md5(p_ptr) end;
begin
  execute format('create index if not exists %I on %I (_deleted_txid)', v_name || '_history', p_ptr || '_h');
  execute format('create index if not exists %I on %I (_deleted_txid) where _deleted_txid is not null',
    v_name || '_deleted', p_ptr);
end
$history$;

select console_tables_index_history(ptr) from storage where to_regclass(quote_ident(ptr || '_h')) is not null;

-- Purges versions that ended up to a commit that no snapshot lies before any more, and makes it the horizon: as many
-- commits made until p_until as touched p_rows rows, none that a session put away does not see. Under the lock on the
-- tenant's head, as a commit may be making a deleted row anew; so it is called again for as long as there is more.
create function console_tables_purge(p_owner text, p_until timestamptz, p_rows integer, out purged bigint, out more boolean)
language plpgsql as $purge$
declare
  v_horizon bigint;
  v_bound bigint;
  v_to bigint;
  v_commit record;
  v_rows bigint := 0;
  v_tables text[] := '{}';
  v_ptr text;
  v_count bigint;
begin
  purged := 0;
  more := false;
  select horizon into v_horizon from heads where owner = p_owner for update;
  if not found then
    return;
  end if;
  select min(create_txid) - 1 into v_bound from trxs where tenant = p_owner and create_txid > 0;
  for v_commit in
    select number, at, touched from commits where owner = p_owner and number > v_horizon order by number limit p_rows
  loop
    exit when v_commit.at > p_until or v_commit.number > v_bound;
    v_to := v_commit.number;
    v_rows := v_rows + 1 + jsonb_array_length(v_commit.touched);
    v_tables := v_tables || array(select touch ->> 'table' from jsonb_array_elements(v_commit.touched) as touches (touch));
    if v_rows >= p_rows then
      more := true;
      exit;
    end if;
  end loop;
  if v_to is null then
    return;
  end if;
  for v_ptr in select ptr from storage where owner = p_owner and id = any (v_tables) order by id loop
    execute format('delete from %I where _deleted_txid <= $1', v_ptr || '_h') using v_to;
    get diagnostics v_count = row_count;
    purged := purged + v_count;
    execute format('delete from %I where _deleted_txid <= $1', v_ptr) using v_to;
    get diagnostics v_count = row_count;
    purged := purged + v_count;
  end loop;
  update heads set horizon = v_to where owner = p_owner;
end
$purge$;

-- Sets what a table permits, as a commit that touches no row. commit: {sid, at (Unix ms), principal?, function?, hash?,
-- request?, idempotency?, result?}. Answers {number, at}, {repeated: {number, at, request, result}}, or {} for one that
-- was declared void or where there is no such table.
create function console_tables_restrict(p_owner text, p_table text, p_permissions integer, p_commit jsonb) returns jsonb
language plpgsql as $restrict$
declare
  v_last bigint;
  v_at timestamptz;
  v_known record;
begin
  select last, at into v_last, v_at from heads where owner = p_owner for update;
  if not found then
    return '{}';
  end if;
  select number, at into v_known from commits where sid = p_commit ->> 'sid' and owner || '' = p_owner;
  if found then
    return case when v_known.number is null then '{}'::jsonb
      else jsonb_build_object('number', v_known.number, 'at', extract(epoch from v_known.at) * 1000) end;
  end if;
  if p_commit ? 'idempotency' then
    select number, at, request, result into v_known from commits
      where idempotency = p_commit ->> 'idempotency' and owner || '' = p_owner;
    if found then
      return jsonb_build_object('repeated', jsonb_build_object('number', v_known.number,
        'at', extract(epoch from v_known.at) * 1000, 'request', v_known.request, 'result', v_known.result));
    end if;
  end if;
  update storage set permissions = p_permissions where owner = p_owner and id = p_table;
  if not found then
    return '{}';
  end if;
  v_last := v_last + 1;
  v_at := greatest(v_at, to_timestamp((p_commit ->> 'at')::double precision / 1000));
  insert into commits (owner, number, at, sid, principal, function, hash, request, idempotency, result)
  values (p_owner, v_last, v_at, p_commit ->> 'sid', p_commit ->> 'principal', p_commit ->> 'function',
    p_commit ->> 'hash', p_commit ->> 'request', p_commit ->> 'idempotency', p_commit -> 'result');
  update heads set last = v_last, at = v_at where owner = p_owner;
  return jsonb_build_object('number', v_last, 'at', extract(epoch from v_at) * 1000);
end
$restrict$;

-- Gives a table that was made by hand the shape that ours have, and its history; answers the highest commit that its
-- rows speak of.
create function console_tables_reshape(p_ptr text) returns bigint
language plpgsql as $reshape$
declare
  v_missing text;
  v_sequence text;
  v_top bigint;
begin
  select string_agg(wanted, ', ' order by place) into v_missing
    from unnest(array['id', 'data', '_txid', '_deleted_txid', '_owner', '_order']) with ordinality as list (wanted, place)
    where not exists (select from pg_attribute
      where attrelid = to_regclass(quote_ident(p_ptr)) and attname = wanted and not attisdropped);
  if v_missing is not null then
    raise exception 'the table % cannot be served: it has no column %', p_ptr, v_missing;
  end if;
  v_sequence := pg_get_serial_sequence(quote_ident(p_ptr), '_order');
  execute format('update %I set _order = 0 where _order is null', p_ptr);
  execute format(
    'alter table %I alter id type text collate "C", alter data type jsonb using data::jsonb,
       alter _txid type bigint, alter _deleted_txid type bigint, alter _owner type text,
       alter _order drop identity if exists, alter _order drop default, alter _order type bigint,
       alter _order set not null, set (fillfactor = 80)', p_ptr);
  if to_regclass(v_sequence) is not null then
    execute format('drop sequence %s', v_sequence);
  end if;
  if not exists (select from pg_index where indrelid = to_regclass(quote_ident(p_ptr)) and indisprimary) then
    execute format('alter table %I add primary key (id)', p_ptr);
  end if;
  execute format(
    'create table %I (id text collate "C" not null, data jsonb not null, _txid bigint not null,
       _deleted_txid bigint, _owner text not null, _order bigint not null, primary key (id, _txid))',
    p_ptr || '_h');
  perform console_tables_index_history(p_ptr);
  execute format('select greatest(max(_txid), max(_deleted_txid), max(_order) / 1024) from %I', p_ptr) into v_top;
  return coalesce(v_top, 0);
end
$reshape$;

-- Takes in the registered tables that have no history yet, as they were made by hand; answers how many. Their tenant's
-- next number lies behind all that their rows speak of, and is a commit of its own, so that followers see a gap. What
-- such rows were before is not known: a tenant that had nothing else can be read from that commit on.
create function console_tables_adopt(p_now timestamptz) returns integer
language plpgsql as $adopt$
declare
  v_owner text;
  v_ptr text;
  v_last bigint;
  v_top bigint;
  v_found integer;
  v_count integer := 0;
begin
  select ptr into v_ptr from storage group by ptr having count(*) > 1 limit 1;
  if found then
    raise exception 'the table % cannot be served: it is registered more than once', v_ptr;
  end if;
  for v_owner in
    select distinct owner from storage
    where to_regclass(quote_ident(ptr)) is not null and to_regclass(quote_ident(ptr || '_h')) is null order by owner
  loop
    insert into heads (owner) values (v_owner) on conflict (owner) do nothing;
    select last into strict v_last from heads where owner = v_owner for update;
    v_top := v_last;
    v_found := 0;
    -- Asked again under the lock: another process may have come first.
    for v_ptr in
      select ptr from storage where owner = v_owner and to_regclass(quote_ident(ptr)) is not null
        and to_regclass(quote_ident(ptr || '_h')) is null order by id
    loop
      v_top := greatest(v_top, console_tables_reshape(v_ptr));
      v_found := v_found + 1;
    end loop;
    continue when v_found = 0;
    -- An order is a number × 1,024, and must stay a whole number for every reader.
    if v_top >= 8000000000000 then
      raise exception 'the tables of % cannot be served: their transactions go up to %', v_owner, v_top;
    end if;
    insert into commits (owner, number, at, sid)
    select v_owner, v_top + 1, greatest(at, p_now), gen_random_uuid()::text from heads where owner = v_owner;
    update heads set last = v_top + 1, at = greatest(at, p_now),
      horizon = case when v_last = 0 then v_top + 1 else horizon end
    where owner = v_owner;
    v_count := v_count + v_found;
  end loop;
  return v_count;
end
$adopt$;

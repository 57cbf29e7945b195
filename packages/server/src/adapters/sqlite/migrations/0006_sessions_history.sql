-- Sessions that are put away between calls, and the purge of what no snapshot sees any more.
alter table trxs add column begun_at integer not null default 0;
create index trxs_principal_idx on trxs (tenant, owner);

-- By these a purge finds the keys and answers, and the commits declared void, that are older than a day.
create index commits_answered_idx on commits (at) where idempotency is not null or result is not null;
create index commits_void_idx on commits (at) where number is null;

-- Versioned documents. Each tenant's table is a physical table of its own with a history beside it, made at its first
-- write; what is here are the registers.
create table if not exists storage (
  owner text not null,
  id text not null,
  ptr text not null,
  permissions integer not null default 7,
  primary key (owner, id)
) strict, without rowid;

create table if not exists trxs (
  sid text primary key,
  tenant text not null,
  owner text not null,
  create_txid integer not null,
  isolation text not null,
  buffer text not null,
  buffer_version integer not null,
  expires_at integer not null
) strict, without rowid;

create table heads (
  owner text primary key,
  last integer not null default 0,
  at integer not null default 0
) strict, without rowid;

create table commits (
  owner text not null,
  number integer,
  at integer not null,
  sid text not null,
  principal text,
  function text,
  hash text,
  request text,
  idempotency text,
  input text,
  result text,
  touched text not null default '[]',
  unique (owner, sid),
  unique (owner, number)
) strict;
create unique index commits_idempotency_idx on commits (owner, idempotency) where idempotency is not null;

create table app_migrations (
  owner text not null,
  id text not null,
  checksum text not null,
  at integer not null,
  primary key (owner, id)
) strict, without rowid;

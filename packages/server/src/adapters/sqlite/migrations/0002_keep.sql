-- Small shared values by key, and leases. Versions and tokens come from one counter, so that none is ever used twice
-- for a key or a name, also after its row was removed.
create table console_keep_counter (
  one integer primary key check (one = 1),
  last integer not null
) strict;
insert into console_keep_counter (one, last) values (1, 0);

create table console_keep (
  key text primary key,
  value text not null,
  version integer not null,
  expires_at integer
) strict, without rowid;
create index console_keep_expires_at_idx on console_keep (expires_at) where expires_at is not null;

create table console_keep_leases (
  name text primary key,
  holder text not null,
  token integer not null,
  expires_at integer not null
) strict, without rowid;
create index console_keep_leases_expires_at_idx on console_keep_leases (expires_at);

-- Small shared values by key, and leases. Versions and tokens come from one sequence, so that none is ever used twice
-- for a key or a name, also after its row was removed.
create sequence console_keep_version;

create table console_keep (
  key text collate "C" primary key,
  value text not null,
  version bigint not null,
  expires_at bigint
);
create index console_keep_expires_at_idx on console_keep (expires_at) where expires_at is not null;

create table console_keep_leases (
  name text collate "C" primary key,
  holder text not null,
  token bigint not null,
  expires_at bigint not null
);
create index console_keep_leases_expires_at_idx on console_keep_leases (expires_at);

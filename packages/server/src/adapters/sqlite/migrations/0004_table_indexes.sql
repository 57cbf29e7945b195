-- The declared indexes of tables. Their fields have columns of their own in the physical table and its history, which
-- hold text that sorts as the values do; they are added when an index is declared.
create table table_indexes (
  owner text not null,
  id text not null,
  fields text not null,
  is_unique integer not null,
  primary key (owner, id, fields)
) strict, without rowid;

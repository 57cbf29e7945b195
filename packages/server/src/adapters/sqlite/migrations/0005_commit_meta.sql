-- What a commit says of itself, the oldest snapshot that can still be read, and tables that are asked for by owner or in
-- insertion order. Commits from the horizon on stay: by their times an instant finds its snapshot.
alter table heads add column horizon integer not null default 0;
alter table storage add column owned integer not null default 0;
alter table storage add column listed integer not null default 0;

import { describe, expect, it } from 'vitest'
import { notTransactional, statementsOf } from './statements.ts'

describe('statements of a migration', () => {
  it('are split at semicolons outside of comments, literals, names and bodies', () => {
    const text = `
      -- a comment; with a semicolon
      CREATE TABLE "odd;name" (a text DEFAULT ';''--');
      /* block /* nested; */ still; */ insert into x values (E'it\\'s; fine', 'back\\');
      create function f() returns void language plpgsql as $body$ begin perform 1; end; $body$;
      select $1, a$b from c;
    `
    expect(statementsOf(text)).toEqual([
      `create table "" (a text default '')`,
      `insert into x values ('', '')`,
      `create function f() returns void language plpgsql as ''`,
      'select $1, a$b from c',
    ])
  })

  it.each([
    'create index concurrently i on t (a)',
    'CREATE UNIQUE INDEX /* now */ CONCURRENTLY i ON t (a)',
    'drop index concurrently i',
    'reindex table concurrently t',
    'reindex (verbose) database d',
    'alter table t detach partition p concurrently',
    'vacuum t',
    'select 1; -- and\nVACUUM (analyze)',
    'create database d',
    'drop tablespace s',
    'alter database d set tablespace s',
    "alter system set wal_level = 'logical'",
    'create subscription s connection c publication p',
    'cluster',
    'commit; begin',
    'start transaction',
  ])('cannot run in a transaction: %s', (text) => {
    expect(notTransactional(text)).not.toBeNull()
  })

  it.each([
    'create index i on t (a); -- not create index concurrently',
    "comment on table t is 'vacuum; create database d'",
    'do $$ begin perform 1; end $$',
    'alter table t detach partition p',
    'create table vacuum_runs (a int)',
    'reindex table t',
    'cluster t using i',
    'alter database d set timezone to utc',
    'analyze t',
    '',
  ])('can: %s', (text) => {
    expect(notTransactional(text)).toBeNull()
  })
})

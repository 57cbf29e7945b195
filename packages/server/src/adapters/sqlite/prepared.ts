import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

/** Statements of one connection, prepared once each. */
export interface Prepared {
  all(text: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue>[]
  one(text: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue> | undefined
  /** Rows as they are taken; the statement must not be asked again before. */
  each(text: string, ...values: SQLInputValue[]): Iterable<Record<string, SQLOutputValue>>
  /** Answers how many rows were changed. */
  run(text: string, ...values: SQLInputValue[]): number
}

// Enough for every statement of an adapter; more come only from table names.
const most = 200

/** Prepares on demand. Throws what node:sqlite throws. */
export function prepared(db: DatabaseSync): Prepared {
  const statements = new Map<string, StatementSync>()
  function statement(text: string): StatementSync {
    let found = statements.get(text)
    if (found === undefined) {
      if (statements.size >= most) statements.clear()
      found = db.prepare(text)
      statements.set(text, found)
    }
    return found
  }
  return {
    all: (text, ...values) => statement(text).all(...values),
    one: (text, ...values) => statement(text).get(...values),
    each: (text, ...values) => statement(text).iterate(...values),
    run: (text, ...values) => Number(statement(text).run(...values).changes),
  }
}

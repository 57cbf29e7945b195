// A literal, a name, a comment or a dollar-quoted body, as Postgres' lexer tells them apart. Block comments nest, so
// they are walked by hand.
const opaque =
  /--[^\n]*|'(?:[^']|'')*'|[eE]'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)[\s\S]*?\1/y

function endOfBlockComment(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const two = text.slice(at, at + 2)
    if (two === '/*') depth += 1
    else if (two === '*/') depth -= 1
    else continue
    at += 1
    if (depth === 0) return at + 1
  }
  return text.length
}

/**
 * The statements of an SQL text, in lower case with single spaces, without comments; literals and quoted names are
 * reduced to `''` and `""`. For looking at what kind of statement it is, not for running.
 */
export function statementsOf(text: string): readonly string[] {
  const statements: string[] = []
  let current = ''
  let at = 0
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      at = endOfBlockComment(text, at)
      current += ' '
      continue
    }
    // An `e` or `$` in the middle of a word begins nothing.
    const within = /[\w$]$/.test(current)
    opaque.lastIndex = at
    const found = within && !/['"-]/.test(text[at] ?? '') ? null : opaque.exec(text)
    if (found !== null) {
      const first = found[0][0]
      current += first === '-' ? ' ' : first === '"' ? '""' : "''"
      at = opaque.lastIndex
      continue
    }
    const letter = text[at] ?? ''
    if (letter === ';') {
      statements.push(current)
      current = ''
    } else current += letter
    at += 1
  }
  statements.push(current)
  return statements
    .map((statement) => statement.replace(/\s+/g, ' ').trim().toLowerCase())
    .filter((statement) => statement !== '')
}

/** What Postgres refuses inside a transaction block, and what would end the migrator's own. */
const refused: readonly RegExp[] = [
  /^create (unique )?index concurrently\b/,
  /^drop index concurrently\b/,
  /^reindex\b(.*\bconcurrently\b| (\(.*\) )?(database|system|schema)\b)/,
  /^alter table\b.*\bdetach partition\b.*\bconcurrently\b/,
  /^vacuum\b/,
  /^(create|drop) (database|tablespace)\b/,
  /^alter database\b.*\bset tablespace\b/,
  /^alter system\b/,
  /^(create|drop|alter) subscription\b/,
  /^cluster( \(.*\))?( verbose)?$/,
  /^discard all\b/,
  /^(begin|start transaction|commit|end|rollback|abort|savepoint|release|prepare transaction)\b/,
]

/** The first statement of a text that cannot run inside the migrator's transaction; null when there is none. */
export function notTransactional(text: string): string | null {
  return statementsOf(text).find((statement) => refused.some((form) => form.test(statement))) ?? null
}

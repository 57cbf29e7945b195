import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provideEngines } from './engines.ts'

// The one test command: types, lint, suites, journeys, browser. Ends with one line that counts.
const unit = process.argv.includes('--unit')
const only = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const folder = mkdtempSync(join(tmpdir(), 'quarterdeck-test-'))
let passed = 0
let failed = 0

function step(name: string, command: string, words: readonly string[]): boolean {
  console.log(`\n── ${name}`)
  const done = spawnSync(command, words, { stdio: 'inherit' })
  return done.status === 0
}

function check(name: string, command: string, ...words: string[]): void {
  if (step(name, command, words)) passed += 1
  else failed += 1
}

function suites(): void {
  const report = join(folder, 'report.json')
  const words = [
    'run',
    ...(unit ? ['--project', 'unit'] : []),
    ...only,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const fine = step(unit ? 'unit tests' : 'suites, journeys, browser', 'vitest', words)
  let counted = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numFailedTestSuites: 0,
  }
  try {
    counted = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    console.error('The test runner left no report.')
  }
  passed += counted.numPassedTests
  failed += counted.numFailedTests
  const skipped = counted.numPendingTests + counted.numTodoTests
  // A test that did not run is not a test that passed.
  if (skipped > 0) {
    console.error(`${skipped} tests did not run`)
    failed += skipped
  }
  if (!fine && counted.numFailedTests === 0) failed += 1
  if (counted.numPassedTests === 0) failed += 1
}

if (!unit && provideEngines().length > 0) failed += 1
else {
  if (only.length === 0) {
    check('types', 'npm', 'run', '--silent', 'typecheck')
    check('lint', 'npm', 'run', '--silent', 'lint')
    if (!unit) check('console build', 'npm', 'run', '--silent', '--workspace', 'packages/console', 'build')
  }
  suites()
}
rmSync(folder, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

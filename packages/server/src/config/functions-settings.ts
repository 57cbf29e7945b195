import type { Setting } from './setting.ts'

/** Where the documents of functions are kept, for how long, and how many calls run at once. */
export const functionsSettings = {
  CONSOLE_TABLES_STORAGE: {
    type: 'text',
    oneOf: ['sqlite', 'postgres'],
    doc: 'Where documents of functions and identity are kept; unset: postgres where the logs are, else sqlite; hosted: postgres',
  },
  CONSOLE_TABLES_HISTORY: {
    type: 'duration',
    default: '168h',
    range: [3_600_000, 315_360_000_000],
    doc: 'How long superseded versions of documents are kept, to be read as of then; at least 1h',
  },
  CONSOLE_FUNCTIONS_CONCURRENCY: {
    type: 'number',
    default: '64',
    range: [1, 10_000],
    doc: 'Calls of functions that run at once in a process; four times as many wait, for 5 s at most',
  },
  FLAG_FUNCTIONS: { type: 'boolean', default: 'true', doc: 'false switches functions that write off' },
} as const satisfies Record<string, Setting>

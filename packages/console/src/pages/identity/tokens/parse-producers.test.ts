import { expect, test } from 'vitest'
import { parseProducers } from './parse-producers.ts'

test('producers are read one a line, each once, and what is none is said', () => {
  expect(parseProducers(' flow/runner \n\nflow/ci/nightly\nflow/runner\n')).toEqual({
    producers: [
      { product: 'flow', id: 'runner' },
      { product: 'flow', id: 'ci/nightly' },
    ],
    wrong: [],
  })
  expect(parseProducers('runner\n/x\nflow/')).toEqual({ producers: [], wrong: ['runner', '/x', 'flow/'] })
})

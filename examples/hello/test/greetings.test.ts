import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet, required } from '../src/greetings.ts'

test('greets in every language', () => {
  for (const language of required) assert.match(greet('Ada', language), /Ada/)
})

test('says so when it does not know a language', () => {
  assert.throws(() => greet('Ada', 'tlh'), RangeError)
})

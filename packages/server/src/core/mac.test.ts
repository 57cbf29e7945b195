import { createHmac, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createMac } from './mac.ts'

it('is HMAC-SHA-256', () => {
  for (const size of [0, 1, 32, 64]) {
    const key = randomBytes(size)
    const mac = createMac(key)
    // Longer and shorter in turn, within what is kept for it and beyond.
    for (const text of ['', 'a', 'ü😀'.repeat(5_000), 'b', 'ü😀'.repeat(20_000), 'x'.repeat(21_825), '']) {
      expect(mac(text)).toBe(createHmac('sha256', key).update(text).digest('hex'))
    }
  }
})

it('refuses a key that it would have to hash first', () => {
  expect(() => createMac(randomBytes(65))).toThrow()
})

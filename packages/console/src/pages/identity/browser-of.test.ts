import { expect, test } from 'vitest'
import { browserOf } from './browser-of.ts'

test('browsers are told by the names that people know, and programs by their own', () => {
  const names: Record<string, string> = {
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/150.0.0.0 Safari/537.36':
      'Chrome on Linux',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0':
      'Edge on Windows',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15':
      'Safari on macOS',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/150.0 Mobile Safari/604.1':
      'Chrome on iOS',
    'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0': 'Firefox on Android',
    'quarterdeck/0.1': 'quarterdeck/0.1',
    '': 'An unnamed program',
  }
  for (const [client, name] of Object.entries(names)) expect(browserOf(client)).toBe(name)
})

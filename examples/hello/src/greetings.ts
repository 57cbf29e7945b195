const words: Record<string, string> = {
  de: 'Guten Tag',
  en: 'Hello',
  fr: 'Bonjour',
  ja: 'こんにちは',
  pl: 'Dzień dobry',
}

/** The languages that the service has to know. */
export const required = ['de', 'en', 'fr', 'ja', 'pl'] as const

const forgotten = new Set<string>()

/** A greeting. Throws a RangeError for a language it does not know. */
export function greet(name: string, language: string): string {
  const word = forgotten.has(language) ? undefined : words[language]
  if (word === undefined) throw new RangeError(`no greeting in ${language}`)
  return `${word}, ${name}!`
}

/** Makes the service forget a language, so that its checks have something to find. */
export function forget(language: string): void {
  forgotten.add(language)
}

/** Brings every language back. */
export function remember(): void {
  forgotten.clear()
}

/** The languages that were forgotten. */
export function missing(): string[] {
  return [...forgotten]
}

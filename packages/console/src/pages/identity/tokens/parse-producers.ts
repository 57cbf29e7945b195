/** What a text names: producers, and the lines that name none. */
export interface ParsedProducers {
  readonly producers: { readonly product: string; readonly id: string }[]
  readonly wrong: readonly string[]
}

/** Reads producers as `product/id`, one a line. Ids may hold slashes of their own. */
export function parseProducers(text: string): ParsedProducers {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const read = [...new Set(lines)].map((line) => {
    const slash = line.indexOf('/')
    const [product, id] = [line.slice(0, slash).trim(), line.slice(slash + 1).trim()]
    return { line, product, id, right: slash > 0 && product !== '' && id !== '' }
  })
  return {
    producers: read.filter(({ right }) => right).map(({ product, id }) => ({ product, id })),
    wrong: read.filter(({ right }) => !right).map(({ line }) => line),
  }
}

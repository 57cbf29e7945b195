/** One side of a comparison: does its work once and answers how many things it did. */
export interface Side {
  readonly name: string
  run(): Promise<number>
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Runs the sides in turn, so that a machine whose speed drifts drifts for all; prints rates and ratios to the first. */
export async function compare(title: string, rounds: number, sides: readonly Side[]): Promise<void> {
  const rates = sides.map((): number[] => [])
  for (const side of sides) await side.run()
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const started = performance.now()
      const done = await side.run()
      rates[index]?.push((done / (performance.now() - started)) * 1_000)
    }
  }
  const base = median(rates[0] ?? [])
  console.log(`\n${title} (medians of ${rounds} rounds in turn)`)
  for (const [index, side] of sides.entries()) {
    const rate = median(rates[index] ?? [])
    console.log(
      `  ${side.name.padEnd(52)} ${Math.round(rate).toLocaleString('en').padStart(12)}/s   ${(rate / base).toFixed(2)}×`,
    )
  }
}

/** Runs `total` calls, `width` of them at a time. */
export async function concurrently(
  total: number,
  width: number,
  call: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < total) {
        const mine = next
        next += 1
        await call(mine)
      }
    }),
  )
}

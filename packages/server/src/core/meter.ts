/** Counts what happens. Names are without the platform's prefix; labels never hold ids. */
export interface Meter {
  add(name: string, labels: Readonly<Record<string, string>>, by?: number): void
  observe(name: string, labels: Readonly<Record<string, string>>, value: number): void
  /** Says how things stand, for a gauge. */
  set(name: string, labels: Readonly<Record<string, string>>, value: number): void
}

/** Counts nothing. */
export const noMeter: Meter = { add() {}, observe() {}, set() {} }

/** Where a request stands in a trace that began elsewhere (W3C Trace Context, level 1). */
export interface TraceParent {
  /** 32 hex digits, not all zero. */
  readonly traceId: string
  /** 16 hex digits, not all zero. */
  readonly spanId: string
  /** Bit 0: whoever began the trace keeps it. */
  readonly flags: number
}

// A later version may have more behind the flags, and is read as far as it is known.
const form = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The parent that a `traceparent` header names; null: there is none, or it is broken and the trace begins here. */
export function readTraceparent(header: string | readonly string[] | undefined): TraceParent | null {
  const [, version, traceId, spanId, flags, rest] = form.exec(String(header ?? '').trim()) ?? []
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined)
    return null
  return version === '00' && rest !== undefined
    ? null
    : { traceId, spanId, flags: Number.parseInt(flags, 16) & 1 }
}

/** The header that hands a place in a trace on. */
export function writeTraceparent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`
}

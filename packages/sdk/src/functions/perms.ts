/** Permission bits: read 4, write 2, execute or delete 1. */
export const perms = { ___: 0, __X: 1, _W_: 2, _WX: 3, R__: 4, R_X: 5, RW_: 6, RWX: 7 } as const

/** 0 to 7: bits of `perms`, joined. */
export type Bits = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** Bits as `perms` names them, such as `RW_`. */
export function bitsText(bits: number): string {
  return [4, 2, 1].map((bit, at) => ((bits & bit) === 0 ? '_' : 'RWX'[at])).join('')
}

/** The four groups that come from a credential's class; in a token they do not count. */
export const reservedGroups = ['operators', 'services', 'gates', 'anonymous'] as const

/** The part of pngjs that is used here: it brings no types of its own. */
declare module 'pngjs' {
  export const PNG: {
    readonly sync: {
      /** Reads a picture; `data` is red, green, blue, alpha, a byte each. */
      read(bytes: Uint8Array): { readonly data: Uint8Array; readonly width: number; readonly height: number }
    }
  }
}

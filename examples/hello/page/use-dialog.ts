import { type MouseEvent, type RefObject, useEffect, useRef } from 'react'

/** Opens a dialog over the page as long as it is drawn. Escape and a click beside it ask to close it. */
export function useDialog(onClose: () => void): {
  readonly ref: RefObject<HTMLDialogElement | null>
  readonly onClose: () => void
  readonly onMouseDown: (event: MouseEvent) => void
} {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = ref.current
    const before = document.activeElement
    if (dialog?.open === false) dialog.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return {
    ref,
    // It may have been opened again by the time that this is told.
    onClose() {
      if (ref.current?.open === false) onClose()
    },
    onMouseDown(event) {
      if (event.target === ref.current) onClose()
    },
  }
}

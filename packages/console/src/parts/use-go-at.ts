import { useNavigate } from '@tanstack/react-router'
import { useCallback } from 'react'

/** Goes to another position of the page that is open, and keeps the rest of its URL. */
export function useGoAt(): (at: string | undefined) => void {
  const navigate = useNavigate()
  return useCallback(
    (at) => {
      void navigate({ to: '.', search: (former) => ({ ...former, at }), replace: true })
    },
    [navigate],
  )
}

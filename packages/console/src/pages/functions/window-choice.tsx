import { SegmentedControl } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { callWindows } from '../../app/page-searches.ts'
import type { CallWindow } from './functions-query.ts'

const names: Readonly<Record<CallWindow, string>> = { '15m': '15 min', '24h': '24 h', '7d': '7 d' }

/** The time that calls are looked at over; it lives in the URL of the page that is open. */
export function WindowChoice(props: { readonly window: CallWindow }) {
  const navigate = useNavigate()
  return (
    <SegmentedControl
      aria-label="Window"
      data={callWindows.map((value) => ({ value, label: names[value] }))}
      value={props.window}
      onChange={(chosen) =>
        void navigate({
          to: '.',
          search: (former) => ({ ...former, window: callWindows.find((each) => each === chosen) }),
          replace: true,
        })
      }
    />
  )
}

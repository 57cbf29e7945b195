import {
  createSpotlight,
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { IconSearch, IconShieldCheck, IconTopologyStar3 } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useLive } from '../live/use-live.ts'
import { titleOf } from '../parts/fields.ts'
import { words } from '../parts/format/words.ts'
import { may } from './may.ts'
import { navigation } from './navigation.ts'

const [store, spotlight] = createSpotlight()

/** Opens the palette, as ctrl/cmd-K does. */
export const openPalette = spotlight.open

/** Goes to any page, run or gate by a few letters of its name. */
export function CommandPalette(props: { readonly session: SessionView }) {
  const { session } = props
  const navigate = useNavigate()
  const processes = useLive(({ state }) => state?.processes)
  const gates = useLive(({ state }) => state?.gates)

  const actions = useMemo((): SpotlightActionGroupData[] => {
    const pages = navigation
      .filter(({ permission }) => may(session, permission))
      .map(
        ({ to, label, icon: Icon }): SpotlightActionData => ({
          id: to,
          label,
          leftSection: <Icon size={16} />,
          onClick: () => navigate({ to }),
        }),
      )
    const runs = (processes ?? []).map((object) =>
      actionOf('run', object, <IconTopologyStar3 size={16} />, () =>
        navigate({ to: '/run/$product/$id', params: object }),
      ),
    )
    const checks = (gates ?? []).map((object) =>
      actionOf('gate', object, <IconShieldCheck size={16} />, () =>
        navigate({ to: '/gate/$product/$id', params: object }),
      ),
    )
    return [
      { group: 'Pages', actions: pages },
      { group: 'Runs', actions: runs },
      { group: 'Gates', actions: checks },
    ]
  }, [session, processes, gates, navigate])

  return (
    <Spotlight
      store={store}
      actions={actions}
      shortcut={['mod + K']}
      limit={20}
      highlightQuery
      scrollable
      maxHeight={420}
      attributes={{ content: { 'aria-label': 'Find a page, run or gate' } }}
      nothingFound="Nothing by that name"
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'Find a page, run or gate',
        'aria-label': 'Find a page, run or gate',
      }}
    />
  )
}

function actionOf(
  kind: string,
  object: StateObject,
  icon: React.ReactNode,
  onClick: () => void,
): SpotlightActionData {
  const { product, id, status } = object
  return {
    id: `${kind}:${product}/${id}`,
    label: titleOf(object),
    description: `${product} · ${id}${status === undefined ? '' : ` · ${words(status)}`}`,
    keywords: [product, id],
    leftSection: icon,
    onClick,
  }
}

import { Tabs } from '@mantine/core'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { fault } from '@quarterdeck/sdk/errors'
import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { may } from '../../app/may.ts'
import { identityParts } from '../../app/page-searches.ts'
import { sessionQuery } from '../../app/queries.ts'
import { Page } from '../../parts/page.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Account } from './account/account.tsx'
import { Keys } from './keys/keys.tsx'
import { Mail } from './mail/mail.tsx'
import { People } from './people/people.tsx'
import { Tokens } from './tokens/tokens.tsx'

const route = getRouteApi('/shell/identity')

type Part = (typeof identityParts)[number]

const parts: Record<
  Part,
  {
    readonly name: string
    readonly permission: string
    readonly shows: (props: { session: SessionView }) => React.ReactNode
  }
> = {
  people: { name: 'People', permission: 'identity:read', shows: People },
  tokens: { name: 'Tokens', permission: 'identity:read', shows: Tokens },
  account: { name: 'My account', permission: 'identity:self', shows: Account },
  keys: { name: 'Signing keys', permission: 'identity:keys', shows: Keys },
  mail: { name: 'Mail', permission: 'identity:operators', shows: Mail },
}

/** Who may come in, and how they prove it. */
export function Identity() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const { part: asked } = route.useSearch()
  const navigate = route.useNavigate()
  const open = identityParts.filter((each) => may(session, parts[each].permission))
  const part = asked ?? open[0] ?? 'account'
  return (
    <Page title="Identity" note={`Who may come into ${session.tenant}, and how they prove it.`}>
      <Tabs
        value={part}
        keepMounted={false}
        onChange={(chosen) =>
          void navigate({ search: { part: identityParts.find((each) => each === chosen) } })
        }
      >
        <Tabs.List mb={16}>
          {open.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {parts[each].name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {open.map((each) => {
          const Shows = parts[each].shows
          return (
            <Tabs.Panel key={each} value={each}>
              <Shows session={session} />
            </Tabs.Panel>
          )
        })}
      </Tabs>
      {open.includes(part) ? null : (
        <Problem error={fault('forbidden', `This page needs the permission ${parts[part].permission}`)} />
      )}
    </Page>
  )
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Empty } from '../../parts/empty.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { NoApp } from '../../parts/no-app.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { callCommand, easiest } from './call-command.ts'
import { FailedModules } from './failed-modules.tsx'
import { FunctionTable } from './function-table.tsx'
import { type FunctionList, functionsQuery } from './functions-query.ts'
import { WindowChoice } from './window-choice.tsx'

const route = getRouteApi('/shell/functions')

/** The functions of the app: what each needs, and how it did in a window of time. */
export function Functions() {
  const { window = '15m' } = route.useSearch()
  const query = useQuery(functionsQuery(window))
  const { data } = query
  return (
    <Page
      title="Functions"
      note={
        data?.digest ? (
          <>
            The app that runs is <code className="break">{data.digest.slice(0, 19)}</code>.
          </>
        ) : (
          "The app's functions, and how they do."
        )
      }
      tools={<WindowChoice window={window} />}
    >
      {data === undefined ? null : <FailedModules failed={data.failed} />}
      <Section title="Functions" count={data?.items.length}>
        <Fetched what="functions" query={query}>
          {(list) =>
            list.items.length === 0 ? <None list={list} /> : <FunctionTable functions={list.items} />
          }
        </Fetched>
      </Section>
      {data === undefined ? null : <FirstCall list={data} />}
    </Page>
  )
}

function None({ list }: { readonly list: FunctionList }) {
  if (list.digest === null) return <NoApp />
  return (
    <Empty title="The app has no function that works">
      {list.failed.length === 0
        ? 'Each exported backend() in its folder functions/ is one.'
        : 'Its modules could not be loaded; why is said above.'}
    </Empty>
  )
}

/** Where nobody has called anything yet: how one is called. */
function FirstCall({ list }: { readonly list: FunctionList }) {
  const fn = easiest(list.items)
  if (fn === undefined || list.items.some(({ calls }) => calls > 0)) return null
  return (
    <Section title="Call one">
      <Empty title="Nothing was called in this window" command={callCommand(fn, globalThis.location.origin)}>
        The body is the list of arguments. What the credential's groups hold decides whether it may: {fn.name}{' '}
        is in the endpoint group {fn.egroup}
        {fn.ugroup === null ? '' : `, for members of ${fn.ugroup}`}.
      </Empty>
    </Section>
  )
}

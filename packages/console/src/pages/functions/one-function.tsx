import { Fault } from '@quarterdeck/sdk/errors'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { sessionQuery } from '../../app/queries.ts'
import { Empty } from '../../parts/empty.tsx'
import { Fetched } from '../../parts/fetched.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { Calls } from './calls.tsx'
import { FunctionFacts } from './function-facts.tsx'
import { FunctionMarks } from './function-marks.tsx'
import classes from './functions.module.css'
import { functionQuery } from './functions-query.ts'
import { Run } from './run.tsx'
import { WindowChoice } from './window-choice.tsx'

const route = getRouteApi('/shell/functions/$fn')

/** One function: what it takes and gives, a form that runs it, and its newest calls. */
export function OneFunction() {
  const { fn: name } = route.useParams()
  const { window = '15m' } = route.useSearch()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const query = useQuery(functionQuery(name, window))
  const { data: fn, error } = query
  const missing = error instanceof Fault && (error.code === 'not_found' || error.code === 'invalid')
  return (
    <Page
      title={name}
      above={
        <>
          <Link to="/functions" search={{ window }}>
            Functions
          </Link>{' '}
          / <span className="break">{fn?.file ?? name}</span>
        </>
      }
      note={
        fn === undefined ? undefined : (
          <span className={classes.name}>
            <FunctionMarks fn={fn} />
          </span>
        )
      }
      tools={<WindowChoice window={window} />}
    >
      {missing ? (
        <Section title="Function">
          <Empty title="The app that runs has no function of this name">
            It may have been renamed, or its module could not be loaded.
          </Empty>
        </Section>
      ) : (
        <Fetched what="the function" query={query}>
          {(loaded) => (
            <>
              {loaded.broken === null ? null : (
                <div className={classes.failed} role="alert">
                  <div>
                    <strong>Its module could not be loaded, and calls of it fail</strong>
                    <p className={classes.message}>{loaded.broken}</p>
                  </div>
                </div>
              )}
              <FunctionFacts fn={loaded} window={window} />
              {/* Another build of it may take other arguments: what was typed belongs to this one. */}
              <Run key={`${loaded.name} ${loaded.hash}`} fn={loaded} session={session} />
              <Calls key={loaded.name} fn={loaded.name} window={window} />
            </>
          )}
        </Fetched>
      )}
    </Page>
  )
}

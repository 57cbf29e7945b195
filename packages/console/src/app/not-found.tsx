import { Link } from '@tanstack/react-router'
import { Page } from '../parts/page.tsx'

/** Says that no page is at this path. */
export function NotFound() {
  return (
    <main>
      <Page title="There is no such page">
        <p>
          <Link to="/">Back to the overview</Link>
        </p>
      </Page>
    </main>
  )
}

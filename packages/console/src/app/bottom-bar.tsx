import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { IconDots } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import classes from './bottom-bar.module.css'
import { may } from './may.ts'
import { navigation } from './navigation.ts'

/** The first pages within reach of a thumb; shown on phones alone. */
export function BottomBar(props: { readonly session: SessionView; readonly onMore: () => void }) {
  const pages = navigation.filter(({ permission }) => may(props.session, permission)).slice(0, 4)
  return (
    <nav className={classes.bar} aria-label="Main pages">
      {pages.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={classes.item}
          activeOptions={{ exact: to === '/', includeSearch: false }}
        >
          <Icon size={19} stroke={1.7} aria-hidden="true" />
          {label}
        </Link>
      ))}
      <button type="button" className={classes.item} onClick={props.onMore}>
        <IconDots size={19} stroke={1.7} aria-hidden="true" />
        More
      </button>
    </nav>
  )
}

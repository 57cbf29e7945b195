import { ActionIcon, Tooltip } from '@mantine/core'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { IconLogout } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ColorSchemeToggle } from './color-scheme-toggle.tsx'
import { may } from './may.ts'
import { navigation } from './navigation.ts'
import classes from './sidebar.module.css'
import { signOut } from './sign-out.ts'
import { UserMenu } from './user-menu.tsx'

/** The pages one may open, and who one is here. */
export function Sidebar(props: { readonly session: SessionView }) {
  const { session } = props
  return (
    <nav aria-label="Pages" className={classes.sidebar}>
      <div className={classes.brand}>
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={22} height={22} />
        Quarterdeck
      </div>
      <div className={classes.nav}>
        {navigation
          .filter(({ permission }) => may(session, permission))
          .map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              className={classes.link}
              activeOptions={{ exact: to === '/', includeSearch: false }}
            >
              <Icon size={16} stroke={1.7} aria-hidden="true" />
              {label}
            </Link>
          ))}
      </div>
      <div className={classes.who}>
        <UserMenu session={session} />
        <ColorSchemeToggle />
        <Tooltip label="Sign out">
          <ActionIcon onClick={() => signOut()} aria-label="Sign out">
            <IconLogout size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
    </nav>
  )
}

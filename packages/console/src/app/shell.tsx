import { ActionIcon, Drawer } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconMenu2, IconSearch } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { LiveProvider } from '../live/live-provider.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { CommandPalette, openPalette } from './command-palette.tsx'
import { EnvironmentBanner } from './environment-banner.tsx'
import { LiveBadge } from './live-badge.tsx'
import { ProofProvider } from './proof/proof-provider.tsx'
import { sessionQuery } from './queries.ts'
import classes from './shell.module.css'
import { Sidebar } from './sidebar.tsx'

/** What surrounds every page of somebody signed in: where this is, where one can go, and whether it is live. */
export function Shell() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [menuOpen, menu] = useDisclosure(false)
  const path = useRouterState({ select: ({ location }) => location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another page is what closes the menu
  useEffect(menu.close, [path])
  return (
    <LiveProvider session={session}>
      <div className={classes.shell}>
        <a href="#main" className={classes.skip}>
          Skip to the page
        </a>
        <EnvironmentBanner environment={session.environment} />
        <div className={classes.side}>
          <Sidebar session={session} />
        </div>
        <header className={classes.top}>
          <ActionIcon className={classes.burger} onClick={menu.open} aria-label="Open the menu" size="lg">
            <IconMenu2 size={18} />
          </ActionIcon>
          <button type="button" className={classes.find} onClick={openPalette}>
            <IconSearch size={14} aria-hidden="true" />
            <span>Find a page, run or gate</span>
            <kbd>Ctrl K</kbd>
          </button>
          <LiveBadge />
        </header>
        <main id="main" className={classes.main} tabIndex={-1}>
          <ProofProvider>
            <Outlet />
          </ProofProvider>
        </main>
        <BottomBar session={session} onMore={menu.open} />
      </div>
      <Drawer.Root opened={menuOpen} onClose={menu.close} size={260} padding={0}>
        <Drawer.Overlay />
        <Drawer.Content>
          {/* Not the library's: its header is a second banner to those who go by landmarks. */}
          <div className={classes.menu}>
            <Drawer.Title>Menu</Drawer.Title>
            <Drawer.CloseButton aria-label="Close the menu" />
          </div>
          <Drawer.Body>
            <Sidebar session={session} />
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
      <CommandPalette session={session} />
    </LiveProvider>
  )
}

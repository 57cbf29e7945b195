import { Button, Popover } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { SessionView } from '@quarterdeck/sdk/contract/identity'
import { IconChevronUp } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Facts } from '../parts/facts.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { signOut } from './sign-out.ts'
import classes from './user-menu.module.css'

/** Who is signed in, where, and as what; what is theirs; and the other tenants they may go to. */
export function UserMenu(props: { readonly session: SessionView }) {
  const { actor, tenant, tenants, roles, enrolled } = props.session
  const [open, menu] = useDisclosure(false)
  const bare = actor.class === 'operator' && !enrolled
  const name = actor.name === '' ? actor.principal : actor.name
  return (
    <Popover
      opened={open}
      onChange={(now) => !now && menu.close()}
      trapFocus
      returnFocus
      position="top-start"
      width={300}
    >
      <Popover.Target>
        <button type="button" className={classes.who} onClick={menu.toggle}>
          <span className={classes.lines}>
            <span className={classes.name}>
              <span className="visually-hidden">Your account: </span>
              {name}
            </span>
            <span className="muted">
              {roles[0] ?? actor.class} · {tenant}
            </span>
            {bare ? <span className={classes.bare}>No second factor</span> : null}
          </span>
          <IconChevronUp size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.menu} aria-label="Your account">
        <Facts
          facts={{
            Name: name,
            Mail: actor.email,
            Tenant: tenant,
            Role: roles.join(', '),
            'Signed in as': actor.class,
            'Second factor':
              actor.class !== 'operator' ? undefined : enrolled ? (
                'enrolled'
              ) : (
                <StatusChip status="not enrolled" tone="warn" />
              ),
          }}
        />
        <div className={classes.acts}>
          <Button
            renderRoot={(rest) => <Link to="/identity" search={{ part: 'account' }} {...rest} />}
            onClick={menu.close}
          >
            {bare ? 'Enrol your second factor' : 'Your sessions and factor'}
          </Button>
          {tenants
            .filter((other) => other !== tenant)
            .map((other) => (
              <Button key={other} onClick={() => signOut(other)}>
                Sign in to {other}
              </Button>
            ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

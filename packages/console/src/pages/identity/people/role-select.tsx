import { Select } from '@mantine/core'
import { Role } from '@quarterdeck/sdk/contract/identity'

/** What each role adds to the one before it. */
const holds: Record<Role, string> = {
  viewer: 'Reads everything but people, tokens and secrets.',
  support: 'A viewer who also talks with the assistant, and sees people and tokens.',
  developer: 'Support who also runs functions, and writes records and telemetry.',
  operator: 'A developer who also holds releases, flags, secrets and tokens.',
  owner: 'Everything. One owner always remains.',
}

/** Chooses a role, and says what it holds. Null: no role at all, where that can be chosen. */
export function RoleSelect(props: {
  readonly value: Role | null
  readonly onChange: (role: Role | null) => void
  readonly orNone?: boolean
}) {
  const { value, onChange, orNone = false } = props
  const none = { value: 'none', label: 'no role: take it away' }
  return (
    <Select
      label="Role"
      description={value === null ? 'They can no longer sign in to the tenant.' : holds[value]}
      size="sm"
      allowDeselect={false}
      data={[
        ...Role.options.map((role) => ({ value: role as string, label: role })),
        ...(orNone ? [none] : []),
      ]}
      value={value ?? 'none'}
      onChange={(chosen) => onChange(Role.options.find((role) => role === chosen) ?? null)}
    />
  )
}

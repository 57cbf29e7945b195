import { TextInput } from '@mantine/core'

/** Six digits from an authenticator. Anything but digits is dropped while it is typed or pasted. */
export function CodeInput(props: {
  readonly label: string
  readonly description?: string
  readonly value: string
  readonly onChange: (code: string) => void
  readonly autoFocus?: boolean
}) {
  const { label, description, value, onChange, autoFocus = false } = props
  return (
    <TextInput
      label={label}
      description={description}
      size="sm"
      inputMode="numeric"
      autoComplete="one-time-code"
      placeholder="000000"
      classNames={{ input: 'mono' }}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(/\D/g, '').slice(0, 6))}
      {...(autoFocus ? { 'data-autofocus': true, autoFocus: true } : {})}
    />
  )
}

/** Whether a code is whole, and worth sending. */
export function isWhole(code: string): boolean {
  return /^\d{6}$/.test(code)
}

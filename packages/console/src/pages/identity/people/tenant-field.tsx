import { TextInput } from '@mantine/core'

/** Names the tenant that a role is given in; the server says who may name another than their own. */
export function TenantField(props: { readonly value: string; readonly onChange: (tenant: string) => void }) {
  return (
    <TextInput
      label="Tenant"
      description="Owners of the home tenant may name another."
      size="sm"
      required
      withAsterisk={false}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value.trim())}
    />
  )
}

import { Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import classes from './filter-bar.module.css'
import { number } from './format/number.ts'
import { useTyped } from './use-typed.ts'

/** Narrows a list by text and product; both live in the URL. */
export function FilterBar(props: {
  readonly products: readonly string[]
  readonly product: string | undefined
  readonly q: string | undefined
  readonly shown: number
  readonly total: number
}) {
  const { products, product, q, shown, total } = props
  const navigate = useNavigate()
  const set = (change: { q?: string | undefined; product?: string | undefined }) =>
    void navigate({ to: '.', search: (former) => ({ ...former, ...change }), replace: true })
  const [typed, setTyped] = useTyped(q ?? '', (text) => set({ q: text === '' ? undefined : text }))
  return (
    <search className={classes.bar}>
      <TextInput
        className={classes.text ?? ''}
        aria-label="Filter by text"
        placeholder="Filter by text"
        leftSection={<IconSearch size={14} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {products.length < 2 && product === undefined ? null : (
        <Select
          aria-label="Filter by product"
          placeholder="All products"
          clearable
          clearButtonProps={{ 'aria-label': 'All products' }}
          data={[...products]}
          value={product ?? null}
          onChange={(chosen) => set({ product: chosen ?? undefined })}
        />
      )}
      <span className={classes.count} role="status">
        {shown === total ? number(total) : `${number(shown)} of ${number(total)}`}
      </span>
    </search>
  )
}

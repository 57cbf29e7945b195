import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import type { Issue } from '@quarterdeck/sdk/errors'
import { useId } from 'react'
import { cutText } from '../../parts/cut-text.ts'
import type { Field, TypedKind } from './field-of.ts'
import classes from './functions.module.css'
import { wrongAt } from './issues-of.ts'
import type { Draft } from './read-arguments.ts'

interface FieldProps {
  readonly label: string
  readonly field: Field
  /** Its place among the arguments. */
  readonly path: Issue['path']
  readonly draft: Draft
  readonly issues: readonly Issue[]
  readonly onChange: (draft: Draft) => void
}

/** What an argument, or a property of one, is typed into; what is wrong with it stands beside it. */
export function ArgumentField(props: FieldProps) {
  const { field } = props
  return field.kind === 'fields' ? <Group {...props} field={field} /> : <Single {...props} field={field} />
}

function Group(props: FieldProps & { readonly field: Extract<Field, { readonly kind: 'fields' }> }) {
  const { label, field, path, draft, issues, onChange } = props
  const id = useId()
  const drafts = typeof draft === 'object' ? draft : {}
  const wrong = wrongAt(issues, path, false)
  return (
    <fieldset className={classes.group} aria-describedby={wrong === undefined ? undefined : id}>
      <legend>{label}</legend>
      {field.description === undefined ? null : <p className="muted">{field.description}</p>}
      {wrong === undefined ? null : (
        <p id={id} className={classes.wrong}>
          {wrong}
        </p>
      )}
      {field.fields.map(({ name, required, field: inner }) => (
        <ArgumentField
          key={name}
          label={required ? name : `${name} (optional)`}
          field={inner}
          path={[...path, name]}
          draft={Object.hasOwn(drafts, name) ? drafts[name] : undefined}
          issues={issues}
          onChange={(changed) => onChange({ ...drafts, [name]: changed })}
        />
      ))}
    </fieldset>
  )
}

/** A field that holds no other fields. */
type SingleField = Exclude<Field, { readonly kind: 'fields' }>

function Single({
  label,
  field,
  path,
  draft,
  issues,
  onChange,
}: FieldProps & { readonly field: SingleField }) {
  const typed = typeof draft === 'string' ? draft : undefined
  const shared = {
    label,
    size: 'sm',
    description: field.description,
    error: wrongAt(issues, path, true),
    errorProps: { className: classes.wrong ?? '' },
  } as const
  const given = (text: string) => onChange(text)
  switch (field.kind) {
    case 'boolean':
    case 'choice': {
      const options = field.kind === 'boolean' ? [true, false] : field.options
      return (
        <NativeSelect
          {...shared}
          value={typed ?? ''}
          onChange={({ currentTarget }) =>
            onChange(currentTarget.value === '' ? undefined : currentTarget.value)
          }
          data={[
            { value: '', label: notGiven(field) },
            ...options.map((option) => {
              const json = JSON.stringify(option)
              return { value: json, label: cutText(typeof option === 'string' ? option : json, 80) }
            }),
          ]}
        />
      )
    }
    case 'json':
      return (
        <Textarea
          {...shared}
          label={`${label}, as JSON`}
          rows={4}
          spellCheck={false}
          classNames={{ input: classes.editor ?? '' }}
          placeholder={cutText(field.sample, 300)}
          value={typed ?? ''}
          onChange={({ currentTarget }) => given(currentTarget.value)}
        />
      )
    default:
      return (
        <TextInput
          {...shared}
          {...inputOf(field.kind)}
          placeholder={typed === '' && field.kind === 'text' ? 'an empty text' : notGiven(field)}
          value={typed ?? ''}
          onChange={({ currentTarget }) => given(currentTarget.value)}
        />
      )
  }
}

function notGiven({ fallback }: Field): string {
  return fallback === undefined ? 'not given' : `not given: ${cutText(fallback, 60)}`
}

function inputOf(kind: TypedKind) {
  switch (kind) {
    case 'text':
      return {}
    case 'date':
      return { type: 'date' }
    case 'instant':
      return { type: 'datetime-local', step: 1 }
    default:
      // Not of type number: that would swallow what is no number instead of saying so.
      return { inputMode: 'decimal' as const }
  }
}

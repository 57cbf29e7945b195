import type { StateObject } from '@quarterdeck/sdk/contract/state'
import { shownStatus } from './covered-gates.ts'
import { shownFields } from './shown-fields.ts'
import { statusField } from './statuses.ts'
import type { Tracked, View } from './tracked.ts'

/** One object as it is shown at a time, given the gates that stand by an exception then. */
export function showObject(object: Tracked, covered: ReadonlySet<Tracked>, now: number): StateObject {
  const fields = shownFields(object)
  const status = shownStatus(object, covered, now)
  const reason = object.reason ?? fields.reason
  return {
    ...fields,
    ...(status === null ? {} : { [statusField(object.array)]: status }),
    ...(reason === undefined ? {} : { reason }),
    ...(object.array === 'actions' ? { readOnly: true } : {}),
    product: object.product,
    id: object.id,
    provenance: provenanceOf(object),
  }
}

/** Whose word the object's status is, else the last to touch it. */
function provenanceOf(object: Tracked): StateObject['provenance'] {
  const { views, producer } = object
  const field = statusField(object.array)
  const leading = views?.findLast((view) => leads(object, view, field))
  if (leading !== undefined) {
    const { product, producer: id, position, tier } = leading.slot
    return { from: producer === null ? 'projection' : 'both', producer: { id, product }, position, tier }
  }
  return {
    from: views === null ? 'event' : 'both',
    producer: { id: producer?.id ?? '', product: producer?.product ?? '' },
    position: object.touched,
    tier: object.tier,
  }
}

function leads(object: Tracked, view: View, field: string): boolean {
  if (object.producer === null) return true
  if (view.overridden?.has(field)) return false
  return view.above || (object.fields[field] === undefined && Object.hasOwn(view.fields, field))
}

import type { telemetry } from '@quarterdeck/sdk/contract/telemetry'
import type { OutputOf } from '@quarterdeck/sdk/operation'
import { Descriptor, type FacetDescriptor, type FlowDescriptor, type RecordSource } from './descriptor.ts'

type Shown = OutputOf<typeof telemetry.descriptors>

/** All descriptors of a deployment, put together, and those that could not be taken. */
export interface LoadedDescriptors {
  readonly facets: readonly FacetDescriptor[]
  readonly flows: readonly FlowDescriptor[]
  readonly recordSources: readonly RecordSource[]
  readonly shown: Shown
}

/** Reads a file by its address; throws with a sentence when it is refused, and `FileMissing` by name when it is not there. */
export type ReadFile = (address: string) => Promise<string>

export const noDescriptors: LoadedDescriptors = {
  facets: [],
  flows: [],
  recordSources: [],
  shown: { loaded: [], dropped: [] },
}

/**
 * Reads descriptors in the order of their addresses. What is broken is dropped with its reason, and stops nothing; an
 * `optional` one may be absent without a word.
 */
export async function loadDescriptors(
  addresses: readonly string[],
  readFile: ReadFile,
  optional: ReadonlySet<string> = new Set(),
): Promise<LoadedDescriptors> {
  const loaded: { path: string; descriptor: Descriptor }[] = []
  const dropped: Shown['dropped'] = []
  for (const path of new Set(addresses)) {
    const found = await readDescriptor(path, readFile)
    if (found === null && optional.has(path)) continue
    if (found === null) dropped.push({ path, reason: 'is not there' })
    else if (typeof found === 'string') dropped.push({ path, reason: found })
    else loaded.push({ path, descriptor: found })
  }
  const all = loaded.map(({ descriptor }) => descriptor)
  return {
    facets: byId(all.flatMap(({ facets }) => facets)),
    flows: byId(all.flatMap(({ flows }) => flows)),
    recordSources: byId(all.flatMap(({ recordSources }) => recordSources)),
    shown: { loaded: loaded.map(({ path, descriptor }) => show(path, descriptor)), dropped },
  }
}

/** The descriptor at an address, why it is none, or null when nothing is there. */
async function readDescriptor(path: string, readFile: ReadFile): Promise<Descriptor | string | null> {
  let text: string
  try {
    text = await readFile(path)
  } catch (error) {
    if (!(error instanceof Error)) return 'cannot be read'
    return error.name === 'FileMissing' ? null : error.message
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'is not JSON'
  }
  const parsed = Descriptor.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return issue === undefined
    ? 'is no descriptor'
    : `${issue.path.join('.') || 'the document'}: ${issue.message}`
}

/** Each id once, where it first stood; the last of its name counts. */
function byId<Item extends { id: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()]
}

function show(path: string, { facets, flows, recordSources }: Descriptor): Shown['loaded'][number] {
  const labelled = ({ id, label }: { id: string; label?: string | undefined }) => ({ id, label: label ?? id })
  return {
    path,
    facets: facets.map((facet) => ({ ...labelled(facet), attribute: facet.attribute })),
    flows: flows.map(labelled),
    recordSources: recordSources.map(labelled),
  }
}

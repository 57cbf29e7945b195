import { z } from 'zod'

const Word = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'needs 1 to 64 letters, digits, dots, dashes or underscores')
const Label = z.string().min(1).max(200)
const Path = z.string().min(1).max(200)

export const FacetDescriptor = z.object({
  id: Word,
  label: Label.optional(),
  attribute: Path,
  limit: z.number().int().min(1).max(12).optional(),
})
export type FacetDescriptor = z.infer<typeof FacetDescriptor>

export const FlowDescriptor = z.object({
  id: Word,
  label: Label.optional(),
  match: z
    .object({ attribute: Path, equals: z.string().optional(), includes: z.string().min(1).optional() })
    .refine(
      ({ equals, includes }) => equals === undefined || includes === undefined,
      'takes equals or includes, not both',
    ),
  titleAttribute: Path.optional(),
  detailAttributes: z.record(Label, Path).optional(),
  limit: z.number().int().min(1).max(100).default(10),
})
export type FlowDescriptor = z.infer<typeof FlowDescriptor>

export const RecordSource = z.object({
  id: Word,
  label: Label.optional(),
  /** An address of a folder. */
  root: z.string().min(1).max(500),
  files: z.array(z.string().min(1).max(200)).min(1).max(50),
  /** Attribute name to the dotted path of the file's value. */
  attributes: z.record(z.string().min(1).max(100), Path).default({}),
})
export type RecordSource = z.infer<typeof RecordSource>

/** A `console.telemetry.json`: what a product adds to the telemetry page. Further members are ignored. */
export const Descriptor = z.object({
  facets: z.array(FacetDescriptor).max(50).default([]),
  flows: z.array(FlowDescriptor).max(50).default([]),
  recordSources: z.array(RecordSource).max(50).default([]),
})
export type Descriptor = z.infer<typeof Descriptor>

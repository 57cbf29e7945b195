import { z } from 'zod'

/** Items a page, 1 to 100. */
export const Limit = z.coerce.number().int().min(1).max(100).default(50)

/** A list is paged by an opaque cursor; without `nextCursor` it is the last page. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().optional() })
}

/** A position, or an instant: then the last entry received by it. */
export const At = z.union([
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  z.number().int().nonnegative(),
  z.iso.datetime({ offset: true }),
])
export type At = z.infer<typeof At>

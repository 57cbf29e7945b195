import type { AppDefinition } from '@quarterdeck/sdk/functions/app'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'
import { z } from 'zod'
import type { LoadedApp } from '../../features/functions/loaded-app.ts'

// Modules of an app hold their own copies of the SDK's and zod's classes: what they export is known by its shape.
type Step = Awaited<ReturnType<LoadedApp['migration']>>
type Load = () => Promise<Readonly<Record<string, unknown>>>

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const Loader = z.custom<Load>((value) => typeof value === 'function')

export const AppModule = z.object({
  default: z.custom<AppDefinition>(
    (value) =>
      isObject(value) && value.kind === 'app' && isObject(value.groups) && Array.isArray(value.middleware),
  ),
})

/** `server/routes.js`. */
export const RoutesModule = z.object({
  routes: z.record(z.string(), z.object({ load: Loader })),
  migrations: z.record(z.string(), Loader),
})

export const MigrationModule = z.object({
  up: z.custom<Step>((value) => typeof value === 'function'),
})

export function isFunction(value: unknown): value is FunctionDefinition {
  return (
    isObject(value) &&
    value.kind === 'function' &&
    typeof value.handler === 'function' &&
    isObject(value.options)
  )
}

export function isTable(value: unknown): value is TableDefinition {
  return isObject(value) && value.kind === 'table' && typeof value.name === 'string' && isObject(value.schema)
}

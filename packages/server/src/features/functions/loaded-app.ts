import type { AppDefinition } from '@quarterdeck/sdk/functions/app'
import type { FunctionDefinition } from '@quarterdeck/sdk/functions/backend'
import type { TableHandle } from '@quarterdeck/sdk/functions/context'
import type { Manifest } from '@quarterdeck/sdk/functions/manifest'
import type { TableDefinition } from '@quarterdeck/sdk/functions/table'

/** An app whose files were held against its manifest. Handlers are loaded when they are first needed. */
export interface LoadedApp {
  readonly manifest: Manifest
  /** What groups hold, and the middleware. */
  readonly app: AppDefinition
  readonly tables: ReadonlyMap<string, TableDefinition>
  /** The function of a name in the manifest, loaded once. Rejects when its module cannot be loaded. */
  load(name: string): Promise<FunctionDefinition>
  /** A step of the app's migrations. */
  migration(
    id: string,
  ): Promise<(tables: Readonly<Record<string, TableHandle<Record<string, unknown>>>>) => Promise<void>>
}

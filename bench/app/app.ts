import { app, perms } from '@quarterdeck/sdk/functions'

export default app({
  groups: { services: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } } },
})

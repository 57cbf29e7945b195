import { app, fault, perms } from '@quarterdeck/sdk/functions'

/** The app that journeys run: small functions, each for one promise of the platform. */
export default app({
  middleware: [
    {
      filter: { endpoints: ['guarded'] },
      async fn(ctx, next) {
        if (ctx.args[0] === 'stop') throw fault('forbidden', 'The middleware said no')
        return next()
      },
    },
  ],
  groups: {
    anonymous: { endpoints: { open: perms.R__ } },
    services: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
    operators: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
    member: {
      endpoints: { default: perms.RW_, open: perms.R__ },
      tables: { counters: perms.RW_, notes: perms.RWX, accounts: perms.R__ },
    },
    writer: { endpoints: { default: perms._W_ }, tables: { accounts: perms._W_ } },
    reader: { endpoints: { default: perms.R__ }, tables: { counters: perms.R__, accounts: perms.R__ } },
  },
})

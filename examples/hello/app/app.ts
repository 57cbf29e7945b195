import { app, fault, perms } from '@quarterdeck/sdk/functions'

/** What everybody at the desk may do with its tables, each function asked for its own bits beside. */
const tables = {
  people: perms.R__,
  tickets: perms.RW_,
  comments: perms.RW_,
  notes: perms.RWX,
  inbox: perms.RWX,
  counters: perms.RW_,
}

export default app({
  middleware: [
    {
      // Runs around every call of `comment`, before its handler.
      filter: { endpoints: ['comment'] },
      async fn(ctx, next) {
        if (/\bpassword\s*[:=]/i.test(String(ctx.args[1])))
          throw fault(
            'invalid',
            'That looks like a password. Leave it out: comments are for everybody to read.',
          )
        return next()
      },
    },
  ],
  groups: {
    member: { endpoints: { desk: perms.RW_ }, tables },
    lead: { endpoints: { desk: perms.RWX }, tables: { ...tables, tickets: perms.RWX, comments: perms.RWX } },
    // Programs with a token of this server, such as the one that serves the page; and its operators.
    services: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
    operators: { endpoints: { '*': perms.RWX }, tables: { '*': perms.RWX } },
  },
})

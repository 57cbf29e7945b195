import { randomUUID } from 'node:crypto'
import { breakable } from '../../../test/engines/breakable.ts'
import { redisUrl } from '../../../test/engines/databases.ts'
import { redisKeep } from '../../adapters/redis/keep.ts'
import { limiterSuite } from './limiter.suite.ts'

limiterSuite(
  'redis',
  async () => {
    const way = await breakable(redisUrl())
    const prefix = `test:${randomUUID()}:`
    return {
      open: async () => redisKeep({ url: way.url, prefix }),
      lose: way.cut,
      find: way.mend,
      dispose: way.close,
    }
  },
  { losable: true },
)

import { StartRefused } from '../config/problem.ts'
import type { Health } from '../http/health.ts'
import type { Platform } from '../platform.ts'
import type { Logger } from './logger.ts'

/**
 * Puts the platform together as soon as its database is there and fits. Without its database a server starts all the
 * same and says that it is not ready; the platform follows. Rejects with `StartRefused` when it never can.
 */
export async function becomeReady(needs: {
  readonly health: Health
  readonly build: () => Promise<Platform>
  /** In local mode: brings the database up to this build. */
  readonly migrate: (() => Promise<void>) | null
  readonly stopping: () => boolean
  readonly logger: Logger
  /** Called when it must wait for something outside. */
  readonly waits: () => void
  readonly pause: (ms: number) => Promise<void>
}): Promise<Platform | null> {
  const { health, logger } = needs
  while (!needs.stopping()) {
    await health.look()
    if (needs.migrate !== null && health.failing('migrations') === 'behind') {
      // Two may migrate at once, and a database may go while it is migrated: the next look tells.
      await needs.migrate().catch(() => logger.error('the database could not be migrated'))
      await health.look()
    }
    const fits =
      health.failing('database') === null &&
      health.failing('migrations') !== 'behind' &&
      health.failing('schema') === null
    const made = fits ? await attempt(needs) : null
    if (made !== null) return made
    needs.waits()
    await needs.pause(1_000)
  }
  return null
}

async function attempt(needs: Parameters<typeof becomeReady>[0]): Promise<Platform | null> {
  try {
    const made = await needs.build()
    await made.warm().catch(async (error: unknown) => {
      await made.stop()
      throw error
    })
    if (!needs.stopping()) return made
    await made.stop()
  } catch (error) {
    if (error instanceof Error && error.name === 'KeySetMismatch') {
      throw new StartRefused([
        {
          code: 'key_set_mismatch',
          setting: 'CONSOLE_SECRET',
          detail: 'the database was sealed under another secret',
        },
      ])
    }
    needs.logger.error(
      { error: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' },
      'the platform could not be put together; trying again',
    )
  }
  return null
}

import { redisUrl } from './engines/databases.ts'
import { limitsBetweenProcesses } from './limits-processes.ts'

limitsBetweenProcesses('redis', async () => redisUrl())

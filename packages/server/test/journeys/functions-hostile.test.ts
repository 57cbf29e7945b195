import { hostileJourney } from './functions-hostile.ts'

hostileJourney('sqlite', async () => ({ env: { CONSOLE_TABLES_STORAGE: 'sqlite' }, drop: async () => {} }))

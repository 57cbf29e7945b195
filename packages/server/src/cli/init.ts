import { writeNewApp } from '../main/app/new-app.ts'

/** Begins an app in a folder, and says what to do next. */
export function initVerb(folder: string): void {
  for (const path of writeNewApp(folder)) console.log(`wrote ${path}`)
  console.log('\nNext: npm install, then: npx quarterdeck dev')
}

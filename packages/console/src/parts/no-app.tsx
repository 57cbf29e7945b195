import { Empty } from './empty.tsx'

const commands = ['quarterdeck init app', '(cd app && npm install)', 'quarterdeck dev']

/** Says that the server serves no app, and how one is made and served while it is written. */
export function NoApp() {
  return (
    <Empty title="No app is served" command={commands.join('\n')}>
      An app is a folder of functions and tables. These commands write a small one, and serve it while you
      change it; a server that runs already takes one by the setting CONSOLE_APP when it is started again.
    </Empty>
  )
}

import { operations, topics } from '@quarterdeck/sdk/contract'
import { codes } from '@quarterdeck/sdk/errors'
import { type Setting, settingNames, settings } from '../packages/server/src/config.ts'
import { type MetricSaid, metricTable } from '../packages/server/src/http/metric-table.ts'

/** The pages of docs/reference, made from the tables that the code runs on. */
export function referencePages(): Record<string, string> {
  return { 'operations.md': operationsPage(), 'settings.md': settingsPage(), 'metrics.md': metricsPage() }
}

const made = '<!-- Made from the code by: npm run docs. Do not edit. -->\n'
const cell = (text: string) => text.replaceAll('|', '\\|')

/** What an operation asks for beside its permission. */
function whoBeside({ proof, home, classes }: ReturnType<typeof operations>[number]): string {
  const word = proof?.word ?? null
  return [
    ...(classes === undefined ? [] : [`class ${classes.join(' or ')}`]),
    ...(home === true ? ['home tenant'] : []),
    ...(proof === undefined ? [] : [word === null ? 'proof' : `proof with the word ${word}`]),
  ].join(', ')
}

function operationsPage(): string {
  const rows = operations().map((operation) => {
    const { name, route, permission, effect, summary, errors } = operation
    return `| \`${name}\` | \`${route}\` | \`${permission}\` | ${effect} | ${whoBeside(operation)} | ${cell(summary)} | ${errors.map((code) => `\`${code}\``).join(' ')} |`
  })
  const feeds = topics().map(
    ({ topic, permission, summary }) => `| \`${topic}\` | \`${permission}\` | ${cell(summary)} |`,
  )
  const errors = Object.entries(codes).map(
    ([code, [status, meaning]]) => `| \`${code}\` | ${status} | ${meaning} |`,
  )
  return `${made}
# Operations

| operation | route | permission | effect | needs besides | what it does | errors of its own |
|---|---|---|---|---|---|---|
${rows.join('\n')}

## Topics of \`GET /stream?topics=…\`

| topic | permission | what it says |
|---|---|---|
${feeds.join('\n')}

## Codes

A failure is \`application/problem+json\` (RFC 9457) with one of these in \`code\`.

| code | status | meaning |
|---|---|---|
${errors.join('\n')}
`
}

function settingsPage(): string {
  const rows = settingNames.map((name) => {
    const setting: Setting = settings[name]
    const notes = [
      setting.secret ? 'secret' : '',
      setting.oneOf === undefined ? '' : setting.oneOf.join(', '),
    ].filter((note) => note !== '')
    return `| \`${name}\` | ${cell(fallbackOf(setting))} | ${cell(setting.doc)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} | ${(setting.aliases ?? []).map((alias) => `\`${alias}\``).join(' ')} |`
  })
  return `${made}
# Settings

Every setting can also be given as \`NAME_FILE\`, the path of a file that holds it; secrets should be. A hosted server
refuses names that begin with \`CONSOLE_\` or \`CONSOUL_\` and stand in no row; a local one warns, naming the nearest.
\`quarterdeck config\` shows what is in force and where it came from.

A list is parted by commas, or a JSON array of texts. A size is \`1048576\` or \`1 MiB\`; a time is \`30\` (seconds),
\`30 s\`, \`500ms\`, \`5m\` or \`24h\`. A limit is \`10 per minute\` or \`10/minute;100/hour\`.

| setting | default | meaning | also known as |
|---|---|---|---|
${rows.join('\n')}
`
}

/** What a setting is when nobody says it. */
function fallbackOf(setting: Setting): string {
  if (setting.follows !== undefined) return `\`${setting.follows}\``
  if (typeof setting.default !== 'function') return setting.default ?? ''
  const [local, hosted] = [setting.default('local'), setting.default('hosted')]
  return local === hosted ? (local ?? '') : `${local ?? 'none'} (local), ${hosted ?? 'none'} (hosted)`
}

function metricsPage(): string {
  const rows = Object.entries<MetricSaid>(metricTable).map(
    ([name, { kind, labels, help }]) =>
      `| \`quarterdeck_${name}\` | ${kind} | ${labels.join(', ')} | ${cell(help)} |`,
  )
  return `${made}
# Metrics

On their own port: \`CONSOLE_METRICS_HOST\`, \`CONSOLE_METRICS_PORT\`. The prefix is \`CONSOLE_METRICS_PREFIX\`; with
\`consoul_\` the names are those of the chat backend that this one replaces. An \`endpoint\` is a route's template, or \`other\`.

| metric | kind | labels | what it counts |
|---|---|---|---|
${rows.join('\n')}
`
}

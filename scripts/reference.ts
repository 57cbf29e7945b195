import { operations, topics } from '@quarterdeck/sdk/contract'
import { codes } from '@quarterdeck/sdk/errors'
import { type Setting, settingNames, settings } from '../packages/server/src/config.ts'
import { metricTable } from '../packages/server/src/http/metrics.ts'

/** The pages of docs/reference, made from the tables that the code runs on. */
export function referencePages(): Record<string, string> {
  return { 'operations.md': operationsPage(), 'settings.md': settingsPage(), 'metrics.md': metricsPage() }
}

const made = '<!-- Made from the code by: npm run docs. Do not edit. -->\n'
const cell = (text: string) => text.replaceAll('|', '\\|')

function operationsPage(): string {
  const rows = operations().map(({ name, route, permission, effect, summary, errors }) => {
    return `| \`${name}\` | \`${route}\` | \`${permission}\` | ${effect} | ${cell(summary)} | ${errors.map((code) => `\`${code}\``).join(' ')} |`
  })
  const feeds = topics().map(
    ({ topic, permission, summary }) => `| \`${topic}\` | \`${permission}\` | ${cell(summary)} |`,
  )
  const errors = Object.entries(codes).map(
    ([code, [status, meaning]]) => `| \`${code}\` | ${status} | ${meaning} |`,
  )
  return `${made}
# Operations

| operation | route | permission | effect | what it does | errors of its own |
|---|---|---|---|---|---|
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
    const byMode =
      typeof setting.default === 'function'
        ? [setting.default('local'), setting.default('hosted')]
        : [setting.default, setting.default]
    const fallback =
      byMode[0] === byMode[1]
        ? (byMode[0] ?? '')
        : `${byMode[0] ?? 'none'} (local), ${byMode[1] ?? 'none'} (hosted)`
    const notes = [
      setting.secret ? 'secret' : '',
      setting.oneOf === undefined ? '' : setting.oneOf.join(', '),
    ].filter((note) => note !== '')
    return `| \`${name}\` | ${cell(fallback)} | ${cell(setting.doc)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} | ${(setting.aliases ?? []).map((alias) => `\`${alias}\``).join(' ')} |`
  })
  return `${made}
# Settings

Every secret can also be given as \`NAME_FILE\`, the path of a file that holds it. A hosted server refuses names that
begin with \`CONSOLE_\` and stand in no row; a local one warns, naming the nearest. \`quarterdeck config\` shows what is
in force and where it came from.

| setting | default | meaning | also known as |
|---|---|---|---|
${rows.join('\n')}
`
}

function metricsPage(): string {
  const rows = Object.entries(metricTable).map(
    ([name, { kind, labels, help }]) =>
      `| \`quarterdeck_${name}\` | ${kind} | ${labels.join(', ')} | ${help} |`,
  )
  return `${made}
# Metrics

On their own port, on loopback; the prefix is \`CONSOLE_METRICS_PREFIX\`.

| metric | kind | labels | what it counts |
|---|---|---|---|
${rows.join('\n')}
`
}

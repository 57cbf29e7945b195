/** The command that tells this server one record. The token is named, never shown. */
export function appendCommand(record: object, route: '/records' | '/telemetry/records' = '/records'): string {
  const body = JSON.stringify(record, null, 1)
    .replace(/\n\s*/g, ' ')
    // One quote of the shell cannot stand inside another.
    .replaceAll("'", "'\\''")
  return [
    `curl -sS ${window.location.origin}${route} \\`,
    '  -H "Authorization: Bearer $QUARTERDECK_TOKEN" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join('\n')
}

import { verifyLogs } from '../main/verify-logs.ts'

/** Verifies the logs of this configuration; exits with 1 when something is broken. */
export async function logVerify(): Promise<void> {
  for (const finding of await verifyLogs()) {
    console.log(`${finding.result.padEnd(8)} ${finding.log} ${finding.tenant}: ${finding.detail}`)
    if (finding.result === 'broken') process.exitCode = 1
  }
}

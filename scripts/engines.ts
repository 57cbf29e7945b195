import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const unpacked = join(import.meta.dirname, '../node_modules/.cache/engines')

/** Engines of the tests that come from the system's packages: what to look for, and the package that brings it. */
const systemEngines = {
  redis: { paths: ['/usr/bin/redis-server', '/usr/local/bin/redis-server'], package: 'redis-server' },
  chromium: {
    paths: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
    package: 'chromium',
  },
  // Its package would start a server on the port of our metrics, so the program alone is taken out of it.
  promtool: {
    paths: ['/usr/bin/promtool', '/usr/local/bin/promtool', join(unpacked, 'usr/bin/promtool')],
    package: 'prometheus',
    unpack: true,
  },
} as const satisfies Record<string, { paths: readonly string[]; package: string; unpack?: true }>

export type SystemEngine = keyof typeof systemEngines

/** The engines that the environment says to leave out: WITHOUT=redis,chromium. */
export function leftOut(): Set<string> {
  return new Set((process.env.WITHOUT ?? '').split(',').filter((name) => name !== ''))
}

/** The path of an engine's program, or null. */
export function findEngine(name: SystemEngine): string | null {
  return systemEngines[name].paths.find((path) => existsSync(path)) ?? null
}

/** Installs missing engines when this is root on Debian or Ubuntu; says what to do otherwise. Answers what is missing. */
export function provideEngines(): SystemEngine[] {
  const out = leftOut()
  const wanted = (Object.keys(systemEngines) as SystemEngine[]).filter((name) => !out.has(name))
  for (const name of out) console.log(`NOT RUN: everything that needs ${name} (WITHOUT)`)
  const missing = wanted.filter((name) => findEngine(name) === null)
  if (missing.length === 0) return []
  const packages = missing.map((name) => systemEngines[name].package)
  const canInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0
  if (!canInstall) {
    console.error(
      `Missing: ${missing.join(', ')}. Install ${packages.join(' ')}, or say WITHOUT=${missing.join(',')}.`,
    )
    return missing
  }
  console.log(`Installing ${packages.join(' ')} from the system's packages…`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env })
  const installed = missing.filter((name) => !('unpack' in systemEngines[name]))
  if (installed.length > 0) {
    const names = installed.map((name) => systemEngines[name].package)
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    })
  }
  for (const name of missing) if ('unpack' in systemEngines[name]) unpack(systemEngines[name].package)
  return missing.filter((name) => findEngine(name) === null)
}

/** Takes a package's files out of it, without installing it. */
function unpack(name: string): void {
  mkdirSync(unpacked, { recursive: true })
  execFileSync('apt-get', ['download', '-qq', name], {
    cwd: unpacked,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const file = readdirSync(unpacked).find((one) => one.startsWith(`${name}_`) && one.endsWith('.deb'))
  if (file !== undefined) execFileSync('dpkg-deb', ['-x', file, '.'], { cwd: unpacked })
}

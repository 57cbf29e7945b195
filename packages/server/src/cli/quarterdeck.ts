#!/usr/bin/env node
import { Command } from 'commander'
import { version } from '../main/version.ts'
import { exitOf } from './exit.ts'

const program = new Command('quarterdeck')
  .description('A backend and an operations console for a small platform team')
  .version(version)
  .showHelpAfterError()

// Each verb is loaded when it is asked for, so that none pays for the others.
program
  .command('serve')
  .description('start one server from settings alone')
  .action(async () => (await import('./serve.ts')).serve())

program
  .command('init')
  .description('begin an app of functions')
  .argument('[folder]', 'an empty folder, or one to make', '.')
  .action(async (folder) => (await import('./init.ts')).initVerb(folder))

program
  .command('dev')
  .description('serve an app and follow its sources')
  .argument('[folder]', 'the folder of the app; this one, or ./app')
  .option('--workers', 'in the runtime of Cloudflare Workers')
  .action(async (folder, options) => (await import('./dev.ts')).devVerb(folder, options))

program
  .command('build')
  .description('build an app into what a server runs')
  .argument('[folder]', 'the folder of the app', '.')
  .option('--out <folder>', 'where to; dist in the folder of the app unless said')
  .action(async (folder, options) => (await import('./build.ts')).buildVerb(folder, options))

program
  .command('migrate')
  .description('bring the database up to this build, and every tenant to the app')
  .argument('[what]', 'up; status: show what is applied; create: begin a migration of the app')
  .argument('[name]', 'of the migration to create')
  .option('--dry-run', 'show the files of this build; needs no database')
  .option('--print', 'show the SQL and the steps; needs no database')
  .option('--status', 'show what is applied and what is not')
  .option('--app <folder>', 'where to create: the sources of the app')
  .action(async (what, name, options) => (await import('./migrate.ts')).migrateVerb(what, name, options))

program
  .command('config')
  .description('show every setting, its value and where it came from')
  .option('--check', 'only say what is wrong')
  .option('--json', 'as JSON')
  .option('--example', 'print a .env.example of all settings')
  .action(async (options) => (await import('./config.ts')).configVerb(options))

const withServer = (command: Command) =>
  command.option('--url <origin>', 'the server').option('--token-file <path>', 'a file that holds the token')
const withProof = (command: Command) =>
  withServer(command)
    .option('--word <word>', 'the word of a proof; asked when absent')
    .option('--code-file <path>', 'a file that holds the code of a proof; - is standard input')

program
  .command('login')
  .description('log in by mail; the commands that follow act as you')
  .option('--url <origin>', 'the server')
  .option('--email <address>', 'your mail address; asked when absent')
  .option('--tenant <name>', 'the tenant to act in')
  .action(async (options) => (await import('./login.ts')).loginVerb(options))

withProof(program.command('call'))
  .description('perform an operation, such as: call records.state')
  .argument('[operation]', 'area.verb; without it, all of them are listed')
  .option('--input <json>', 'its input as JSON')
  .option('--file <path>', 'its input from a file; - is standard input')
  .action(async (operation, options) => (await import('./call.ts')).callVerb(operation, options))

const app = program.command('functions').description('look at the functions of the app, and run them')
withServer(app.command('list'))
  .description('list the functions, and how they did')
  .option('--window <time>', '15m, 24h or 7d', '15m')
  .action(async (options) => (await import('./functions.ts')).functionsList(options))
withProof(app.command('run <fn> [json]'))
  .description('run a function by hand; its arguments are a JSON list, or one value')
  .option('--file <path>', 'the arguments from a file; - is standard input')
  .option('--as-of <when>', 'as of a commit or an instant')
  .action(async (fn, json, options) => (await import('./functions.ts')).functionsRun(fn, json, options))
withServer(app.command('logs <fn>'))
  .description('show the newest calls of a function')
  .option('--window <time>', '15m, 24h or 7d', '15m')
  .option('--limit <count>', 'how many, 1 to 100', '50')
  .option('--follow', 'go on with those that come')
  .action(async (fn, options) => (await import('./functions.ts')).functionsLogs(fn, options))

withServer(program.command('emit'))
  .description('send records (a JSON object, an array, or NDJSON) from a file or standard input')
  .argument('[file]', 'a file; - is standard input', '-')
  .option('--telemetry', 'they are telemetry')
  .option('--local', 'straight into the data folder, with no server')
  .action(async (file, options) => (await import('./emit.ts')).emitVerb(file, options))

withServer(program.command('inspect'))
  .description('show the operating state')
  .option('--at <position>', 'as of a position or an instant')
  .option('--local', 'straight from the data folder, with no server')
  .action(async (options) => (await import('./inspect.ts')).inspectVerb(options))

program
  .command('log')
  .description('look after the logs')
  .command('verify')
  .description('check positions, checksums, chains, and that the folded state is what the records say')
  .action(async () => (await import('./log-verify.ts')).logVerify())

const token = program.command('token').description('look after the tokens of producers and services')
const toFile = (command: Command) =>
  withServer(command).option(
    '--out <path>',
    'a new file for the token, for its owner alone; else it is printed',
  )
toFile(token.command('create'))
  .description('make a token; it is given out once')
  .requiredOption('--kind <kind>', 'producer or service')
  .requiredOption('--label <text>', 'what it is for')
  .option('--scope <permission...>', 'what it may do, such as records:write')
  .option('--producer <id:product...>', 'whom it may speak for')
  .option('--tier <name>', 'the tier whose limits count for it')
  .option('--expires <when>', 'an instant, a time such as 30d, or never; 90 days unless said')
  .action(async (options) => (await import('./token.ts')).tokenCreate(options))
withServer(token.command('list'))
  .description('list the tokens of the tenant')
  .action(async (options) => (await import('./token.ts')).tokenList(options))
toFile(token.command('rotate <id>'))
  .description('give a token a new secret')
  .option('--overlap <time>', 'how long the old one works on, such as 1h; 24 hours unless said')
  .action(async (id, options) => (await import('./token.ts')).tokenRotate(id, options))
withServer(token.command('revoke <id>'))
  .description('end a token now')
  .action(async (id, options) => (await import('./token.ts')).tokenRevoke(id, options))

const keys = program.command('keys').description('look after the keys that sign tokens')
withServer(keys.command('status'))
  .description('show the keys')
  .action(async (options) => (await import('./keys.ts')).keysStatus(options))
withProof(keys.command('rotate'))
  .description('publish the next key; it signs once every verifier has had time to see it')
  .action(async (options) => (await import('./keys.ts')).keysRotate(options))

program
  .command('claim-code')
  .description('make and print the one-time code that makes the first owner')
  .action(async () => (await import('./claim-code.ts')).claimCodeVerb())

const overlay = program.command('overlay').description('look after an overlay folder')
overlay
  .command('check <folder>')
  .description('check an overlay')
  .action(async (folder) => (await import('./overlay.ts')).overlayCheck(folder))
overlay
  .command('env <folder>')
  .description('print the settings that an overlay gives')
  .action(async (folder) => (await import('./overlay.ts')).overlayEnv(folder))

try {
  await program.parseAsync()
} catch (error) {
  // What was opened before it failed must not keep the process alive.
  process.exit(exitOf(error))
}

import type { Setting } from './setting.ts'

/** Who may reach the server, by what, and how much at a time. */
export const edgeSettings = {
  CONSOLE_PUBLIC_ORIGIN: {
    type: 'text',
    doc: 'Origin that people and producers reach this server by; hosted: required, https',
  },
  CONSOLE_ALLOWED_HOSTS: {
    type: 'list',
    default: '',
    doc: "Other names, with or without a port, that this server answers to beside the public origin's",
  },
  CONSOLE_TRUSTED_PROXIES: {
    type: 'list',
    default: '',
    doc: 'Addresses or CIDR ranges of proxies whose X-Forwarded-For, -Proto and -Host count; empty: none',
  },
  CONSOLE_ALLOWED_ORIGINS: {
    type: 'list',
    default: '',
    aliases: ['CONSOUL_CORS_ORIGINS'],
    doc: 'Other origins whose pages may call the API; the public one always may; hosted: no *',
  },
  CONSOLE_CORS_ALLOW_CREDENTIALS: {
    type: 'boolean',
    default: 'false',
    aliases: ['CONSOUL_CORS_ALLOW_CREDENTIALS'],
    doc: 'Let pages of other origins send the session cookie; not with *',
  },
  CONSOLE_CORS_ALLOW_METHODS: {
    type: 'list',
    default: '',
    aliases: ['CONSOUL_CORS_ALLOW_METHODS'],
    doc: "Methods that a preflight allows; empty or *: those of the path's operations",
  },
  CONSOLE_CORS_ALLOW_HEADERS: {
    type: 'list',
    default: '',
    aliases: ['CONSOUL_CORS_ALLOW_HEADERS'],
    doc: 'Headers that a preflight allows; empty or *: those that the contract reads',
  },
  CONSOLE_CORS_MAX_AGE: {
    type: 'duration',
    default: '600 s',
    range: [0, 86_400_000],
    aliases: ['CONSOUL_CORS_MAX_AGE'],
    doc: 'How long a browser may remember a preflight',
  },
  CONSOLE_BYPASS_PATHS: {
    type: 'list',
    default: '/health,/ready,/openapi.json',
    aliases: ['CONSOUL_BYPASS_PATHS'],
    doc: 'Which of these three need no credential; no other path can be named',
  },
  CONSOLE_API_KEY_HEADER: {
    type: 'text',
    default: 'X-API-Key',
    aliases: ['CONSOUL_API_KEY_HEADER'],
    doc: 'Header that API keys and tokens come in beside Authorization',
  },
  CONSOLE_API_KEY_QUERY: {
    type: 'text',
    aliases: ['CONSOUL_API_KEY_QUERY'],
    doc: 'Query field that API keys may come in, such as api_key; unset: none',
  },
  CONSOLE_MAX_BODY_SIZE: {
    type: 'size',
    default: '1 MiB',
    range: [1_024, 1_073_741_824],
    aliases: ['CONSOUL_MAX_BODY_SIZE'],
    doc: 'Largest body, decompressed, of operations that say nothing else',
  },
  CONSOLE_REQUEST_TIMEOUT: {
    type: 'duration',
    default: '30 s',
    range: [1, 3_600_000],
    doc: 'How long an operation may run that says nothing else; then 504',
  },
  CONSOLE_MAX_CONNECTIONS: {
    type: 'number',
    default: '4096',
    range: [1, 1_000_000],
    doc: 'Open connections at most; further ones are closed',
  },
  CONSOLE_DRAIN_DELAY: {
    type: 'duration',
    default: '5 s',
    range: [0, 15_000],
    doc: 'How long everything is still served after SIGTERM, until load balancers have seen /readyz',
  },
} as const satisfies Record<string, Setting>

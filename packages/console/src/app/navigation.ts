import {
  IconChartHistogram,
  IconCoins,
  IconFunction,
  IconLayoutKanban,
  IconRoute,
  IconSmartHome,
  IconTable,
  IconUserShield,
} from '@tabler/icons-react'

/** The pages of the sidebar, the phone's bar and the palette, in their order. */
export const navigation = [
  { to: '/', label: 'Overview', icon: IconSmartHome, permission: 'records:read' },
  { to: '/board', label: 'Board', icon: IconLayoutKanban, permission: 'records:read' },
  { to: '/operate', label: 'Operate', icon: IconRoute, permission: 'records:read' },
  { to: '/telemetry', label: 'Telemetry', icon: IconChartHistogram, permission: 'telemetry:read' },
  { to: '/economics', label: 'Economics', icon: IconCoins, permission: 'records:read' },
  { to: '/functions', label: 'Functions', icon: IconFunction, permission: 'functions:read' },
  { to: '/tables', label: 'Tables', icon: IconTable, permission: 'functions:tables' },
  { to: '/identity', label: 'Identity', icon: IconUserShield, permission: 'identity:self' },
] as const

import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

const next: Readonly<Record<MantineColorScheme, MantineColorScheme>> = {
  auto: 'light',
  light: 'dark',
  dark: 'auto',
}
const icons = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }

/** From the system's choice to light to dark and back. */
export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const Icon = icons[colorScheme]
  const label = `Colours: ${colorScheme === 'auto' ? 'as the system' : colorScheme}`
  return (
    <Tooltip label={label}>
      <ActionIcon onClick={() => setColorScheme(next[colorScheme])} aria-label={`${label}. Change`}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  )
}

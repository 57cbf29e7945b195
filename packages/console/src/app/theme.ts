import { type CSSVariablesResolver, createTheme } from '@mantine/core'

/** Dense and calm: 13 px text, small radii, one accent. */
export const theme = createTheme({
  respectReducedMotion: true,
  fontFamily: 'var(--qd-font)',
  fontFamilyMonospace: 'var(--qd-mono)',
  headings: { fontFamily: 'var(--qd-font)', fontWeight: '600' },
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '18px' },
  primaryColor: 'deck',
  primaryShade: { light: 7, dark: 7 },
  colors: {
    // The greys of the dark scheme, in the hue of the tokens.
    dark: [
      '#c9d1dc',
      '#97a1b1',
      '#7b8594',
      '#5a6474',
      '#38404e',
      '#262c37',
      '#1b2029',
      '#151920',
      '#0e1116',
      '#0a0c10',
    ],
    deck: [
      '#e8f0fb',
      '#d3e2f7',
      '#a9c5ee',
      '#7fb0f5',
      '#5c93e0',
      '#3f7ad0',
      '#2f69bd',
      '#2459a6',
      '#1d4a8c',
      '#173c73',
    ],
  },
  defaultRadius: 'sm',
  radius: { sm: '5px', md: '7px' },
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs', variant: 'default' }, styles: { root: { fontWeight: 500 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', comboboxProps: { shadow: 'sm' } } },
    SegmentedControl: { defaultProps: { size: 'xs' }, styles: { label: { paddingInline: 10 } } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
})

/** Mantine's own colours follow the tokens, so that a control never differs from the page around it. */
export const cssVariables: CSSVariablesResolver = () => {
  const tokens = {
    '--mantine-color-body': 'var(--qd-surface)',
    '--mantine-color-text': 'var(--qd-text)',
    '--mantine-color-dimmed': 'var(--qd-muted)',
    '--mantine-color-placeholder': 'var(--qd-muted)',
    '--mantine-color-default': 'var(--qd-surface)',
    '--mantine-color-default-hover': 'var(--qd-hover)',
    '--mantine-color-default-border': 'var(--qd-line-strong)',
    '--mantine-color-default-color': 'var(--qd-text)',
    '--mantine-color-error': 'var(--qd-bad)',
    '--mantine-color-anchor': 'var(--qd-accent)',
  }
  return { variables: {}, light: tokens, dark: tokens }
}

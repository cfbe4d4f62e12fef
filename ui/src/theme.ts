import { createTheme, type MantineColorsTuple } from '@mantine/core';

import type { ScopeKind } from './api/scope';

const steel: MantineColorsTuple = [
  '#eef4fa',
  '#dae6f1',
  '#b2cce3',
  '#86b0d5',
  '#6ea3d3',
  '#4b89c2',
  '#2f6fa8',
  '#265f92',
  '#1f5180',
  '#153f66',
];

export const theme = createTheme({
  colors: { steel },
  primaryColor: 'steel',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 'sm',
  autoContrast: true,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // The title of a notice is read on its tint, in either scheme.
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    Modal: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, attributes: { header: { role: 'none' } } },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
});

/** Each scope has its colour, so that nobody changes the whole installation by mistake. */
export const SCOPE_COLOR: Record<ScopeKind, string> = {
  global: 'grape',
  account: 'teal',
  environment: 'steel',
};
/** The shade that white text can be read on, light and dark. */
export const SCOPE_SHADE: Record<ScopeKind, string> = {
  global: 'grape.8',
  account: 'teal.9',
  environment: 'steel.7',
};

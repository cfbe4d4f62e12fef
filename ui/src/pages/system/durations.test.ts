import { expect, test } from 'vitest';

import { seconds } from './durations';

test('durations are read as the configuration tells them', () => {
  expect(seconds('5m')).toBe(300);
  expect(seconds('1h 30m')).toBe(5400);
  expect(seconds('1d')).toBe(86_400);
  expect(seconds('90s')).toBe(90);
  expect(seconds('')).toBeUndefined();
});

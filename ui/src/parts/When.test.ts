import { expect, test } from 'vitest';

import { ago } from './When';

test('a time is told as people say it', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  const said = (at: string) => ago(new Date(at), now);
  expect(said('2026-11-22T10:00:00Z')).toBe('just now');
  expect(said('2026-11-22T09:59:01Z')).toBe('just now');
  expect(said('2026-11-22T09:58:00Z')).toBe('2 minutes ago');
  expect(said('2026-11-22T07:00:00Z')).toBe('3 hours ago');
  expect(said('2026-11-21T09:00:00Z')).toBe('yesterday');
  expect(said('2026-11-23T11:00:00Z')).toBe('tomorrow');
  expect(said('2026-11-22T10:00:30Z')).toBe('in 30 seconds');
});

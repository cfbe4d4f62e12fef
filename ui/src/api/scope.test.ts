import { expect, test } from 'vitest';

import { at, parseScope, scopeSegment } from './scope';

test('a scope is read back from the address of its pages, and nothing else is a scope', () => {
  for (const scope of [
    { kind: 'global' },
    { kind: 'account', id: 7 },
    { kind: 'environment', id: 12 },
  ] as const) {
    expect(parseScope(scopeSegment(scope))).toEqual(scope);
  }
  for (const wrong of ['', 'account', 'account-', 'account-0', 'account-1x', 'team-1', 'account-1/../2']) {
    expect(parseScope(wrong)).toBeUndefined();
  }
});

test('the paths of the account scope become those of the others', () => {
  const path = '/api/v1beta0/account/{accountId}/search/';
  expect(at({ kind: 'global' }, path)).toBe('/api/v1beta0/global/search/');
  expect(at({ kind: 'account', id: 3 }, path)).toBe(path);
  expect(at({ kind: 'environment', id: 4 }, path)).toBe('/api/v1beta0/user/4/search/');
});

import { expect, test } from 'vitest';

import { addressKind, range } from './ip';

test.each([
  ['192.0.2.1', 4],
  ['0.0.0.0', 4],
  ['256.0.0.1', undefined],
  ['10.0.0', undefined],
  ['010.0.0.1', undefined],
  ['fd00::1', 6],
  ['::', 6],
  ['::ffff:192.0.2.1', 6],
  ['fd00::1::2', undefined],
  ['fe80::1%eth0', undefined],
  ['web', undefined],
  ['', undefined],
])('%s is an address of kind %s', (text, kind) => {
  expect(addressKind(text)).toBe(kind);
});

test.each([
  ['10.1.0.0/24', { kind: 4, bits: 8 }],
  ['0.0.0.0/0', { kind: 4, bits: 32 }],
  ['fd00::/64', { kind: 6, bits: 64 }],
  ['10.1.0.0', undefined],
  ['10.1.0.0/33', undefined],
  ['10.1.0.0/', undefined],
  ['10.1.0.0/24/8', undefined],
  ['fd00::/129', undefined],
])('%s is the range %o', (text, expected) => {
  expect(range(text)).toEqual(expected);
});

import { expect, test } from 'vitest';

import { bytes, gib, mib, nOf } from './units';

test('sizes are told in the largest unit that leaves a whole part', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(1023)).toBe('1,023 B');
  expect(bytes(1_048_576)).toBe('1 MiB');
  expect(bytes(270_553_174_016)).toBe('252 GiB');
  expect(bytes(1_610_612_736)).toBe('1.5 GiB');
  expect(bytes(9_006_073_973_309_440)).toBe('8.0 PiB');
  expect(mib(32)).toBe('32 MiB');
  expect(mib(2048)).toBe('2 GiB');
  expect(gib(0.5)).toBe('512 MiB');
});

test('one of a thing is one', () => {
  expect(nOf(1, 'machine')).toBe('1 machine');
  expect(nOf(20_000, 'machine')).toBe('20,000 machines');
  expect(nOf(2, 'availability zone')).toBe('2 availability zones');
});

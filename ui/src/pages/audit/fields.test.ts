import { expect, test } from 'vitest';

import { differences } from './fields';

test('only what differs is told, inside of objects too', () => {
  const before = { name: 'a', status: 'active', of: { x: 1, y: [1, 2] }, gone: null };
  const after = { name: 'b', status: 'active', of: { x: 1, y: [2, 1] }, gone: null };
  expect(differences(before, after)).toEqual([
    { field: 'name', before: 'a', after: 'b' },
    { field: 'of.y', before: [1, 2], after: [2, 1] },
  ]);
});

test('a new object has all fields that hold something', () => {
  expect(differences(null, { name: 'a', note: null, uses: [] })).toEqual([
    { field: 'name', before: undefined, after: 'a' },
    { field: 'uses', before: undefined, after: [] },
  ]);
  expect(differences({ name: 'a' }, undefined)).toEqual([{ field: 'name', before: 'a', after: undefined }]);
});

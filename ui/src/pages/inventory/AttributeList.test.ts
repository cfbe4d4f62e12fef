import { expect, test } from 'vitest';

import { label } from './AttributeList';

test('an attribute is called as people say it', () => {
  expect(label('minRamMib')).toBe('Min RAM');
  expect(label('capacityBytes')).toBe('Capacity');
  expect(label('projectId')).toBe('Project ID');
  expect(label('unreadableSubnetIds')).toBe('Unreadable subnet IDs');
  expect(label('gatewayIp')).toBe('Gateway IP');
  expect(label('guestFullName')).toBe('Guest full name');
});

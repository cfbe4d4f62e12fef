import { expect, test, vi } from 'vitest';

vi.stubGlobal('window', { location: { origin: 'http://127.0.0.1' } });
const { sentence } = await import('./client');

test('a message becomes a sentence, unless it begins with a name', () => {
  expect(sentence('the cloud refused this credential')).toBe('The cloud refused this credential.');
  expect(sentence('none, because there is none')).toBe('None, because there is none.');
  expect(sentence('no')).toBe('No.');
  expect(sentence('ada@example.org may not do this')).toBe('ada@example.org may not do this.');
  expect(sentence('http://127.0.0.1:9292 answers')).toBe('http://127.0.0.1:9292 answers.');
  expect(sentence('allowed_cloud_networks is empty')).toBe('allowed_cloud_networks is empty.');
});

import { expect, test } from 'vitest';

import { cell, fileName, line } from './csv';

test('no cell of a file is run as a formula', () => {
  for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) expect(cell(evil)).toBe(`"'${evil}"`);
  expect(cell('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
  expect(cell('web-1')).toBe('web-1');
});

test('commas, quotes and line ends stay in their cell', () => {
  expect(line(['a,b', 'say "hi"', 'two\nlines', ''])).toBe('"a,b","say ""hi""","two\nlines",\r\n');
});

test('a file has a name that every system takes', () => {
  expect(fileName('machines', 'DC 0/east')).toBe('machines-DC_0_east.csv');
});

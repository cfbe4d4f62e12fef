/** Spreadsheets run a cell that begins with one of these as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell of a CSV file (RFC 4180). What a spreadsheet would run is made text by an apostrophe. */
export function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return safe !== text || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function line(cells: string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** A file's name of words that may hold anything. */
export function fileName(...words: string[]): string {
  return `${words.join('-').replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')}.csv`;
}

import type { Schemas } from './client';

type Page<T> = { data: T[]; pagination?: Schemas['Pagination'] };

/** All rows of a list that is short enough to be had whole, a hundred at a time. */
export async function every<T>(
  read: (page: { maxResults: number; pageNum: number }) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  for (let pageNum = 1; ; pageNum++) {
    const page = await read({ maxResults: 100, pageNum });
    rows.push(...page.data);
    if (!page.pagination?.next) return rows;
  }
}

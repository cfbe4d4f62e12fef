/** The last moment of a day in the reader's zone. `day` is as a date field has it: `2026-11-22`. */
export function endOfDay(day: string): Date {
  return new Date(`${day}T23:59:59`);
}

/** The day so many days from now, as a date field has it. */
export function dayAfter(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

import { Tooltip } from '@mantine/core';
import { useEffect, useReducer } from 'react';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A time as people say it; the exact one, in the reader's zone, is in the tooltip. `none` where there is no time. */
export function When({ at, none = 'never' }: { at: string | null | undefined; none?: string }) {
  useMinute();
  if (!at) return <span>{none}</span>;
  const date = new Date(at);
  return (
    <Tooltip
      label={exact.format(date)}
      withArrow
      openDelay={200}
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at} title={exact.format(date)}>
        {ago(date, Date.now())}
      </time>
    </Tooltip>
  );
}

export function ago(date: Date, now: number): string {
  const seconds = Math.round((date.getTime() - now) / 1000);
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 5 ? relative.format(seconds, 'second') : 'just now';
}

/** Draws anew so that "2 minutes ago" stays true. What it is measured from is the moment it is drawn. */
function useMinute() {
  const [, draw] = useReducer((times: number) => times + 1, 0);
  useEffect(() => {
    const timer = window.setInterval(draw, 30_000);
    return () => window.clearInterval(timer);
  }, []);
}

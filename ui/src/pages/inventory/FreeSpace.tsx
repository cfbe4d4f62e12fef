import { bytes } from './units';
import './inventory.css';

type Props = { capacity: number | null | undefined; free: number | null | undefined };

/** Below this part of the whole, room is said to be low. */
const LOW = 0.1;

/** How much room is left, in words and as a bar. */
export function FreeSpace({ capacity, free }: Props) {
  if (typeof capacity !== 'number' || typeof free !== 'number') return '–';
  if (capacity === 0) return 'no capacity';
  const part = free / capacity;
  const isLow = part < LOW;
  return (
    <span className="free-space">
      <span className="free-space-bar" aria-hidden data-low={isLow || undefined}>
        <span style={{ width: `${(100 * (1 - part)).toFixed(1)}%` }} />
      </span>
      <span>
        {bytes(free)} free of {bytes(capacity)} ({Math.round(part * 100)} %{isLow ? ', low' : ''})
      </span>
    </span>
  );
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** A number of bytes as people read it, in powers of 1024. */
export function bytes(count: number): string {
  let n = count;
  let unit = 0;
  while (n >= 1024 && unit < SIZES.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${n >= 100 || Number.isInteger(n) ? Math.round(n).toLocaleString('en') : n.toFixed(1)} ${SIZES[unit]}`;
}

export function mib(count: number): string {
  return bytes(count * 1024 * 1024);
}

export function gib(count: number): string {
  return mib(count * 1024);
}

export function count(n: number): string {
  return n.toLocaleString('en');
}

/** `3 machines`, `1 machine`. */
export function nOf(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

const MIB_OF_GIB = 1024;

/** As people write it: GiB where that is a whole number. */
export function memoryText(mib: number): string {
  return mib % MIB_OF_GIB === 0 ? `${mib / MIB_OF_GIB} GiB` : `${mib} MiB`;
}

export type Unit = 'MiB' | 'GiB';

export function inUnit(mib: number): { amount: number; unit: Unit } {
  return mib % MIB_OF_GIB === 0 ? { amount: mib / MIB_OF_GIB, unit: 'GiB' } : { amount: mib, unit: 'MiB' };
}

export function inMib(amount: number, unit: Unit): number {
  return unit === 'GiB' ? amount * MIB_OF_GIB : amount;
}

/** What only this kind of thing has, as the driver of its cloud tells it. */
export type WithAttributes = { attributes: Record<string, unknown> };

type Parts = Record<string, unknown>;

export function isParts(value: unknown): value is Parts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function text(row: WithAttributes, name: string): string | undefined {
  return textOf(row.attributes[name]);
}

export function number(row: WithAttributes, name: string): number | undefined {
  const value = row.attributes[name];
  return typeof value === 'number' ? value : undefined;
}

export function flag(row: WithAttributes, name: string): boolean | undefined {
  const value = row.attributes[name];
  return typeof value === 'boolean' ? value : undefined;
}

export function texts(row: WithAttributes, name: string): string[] {
  const value = row.attributes[name];
  return Array.isArray(value) ? value.flatMap((it) => textOf(it) ?? []) : [];
}

/** A list of things with names of their own, such as subnets. */
export function parts(row: WithAttributes, name: string): Parts[] {
  const value = row.attributes[name];
  return Array.isArray(value) ? value.filter(isParts) : [];
}

export function part(row: WithAttributes, name: string): Parts | undefined {
  const value = row.attributes[name];
  return isParts(value) ? value : undefined;
}

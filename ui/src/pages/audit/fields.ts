/** A field of an object, before and after a change. `undefined`: it was not there. */
export type FieldChange = { field: string; before: unknown; after: unknown };

/**
 * What differs, field by field; objects are compared inside, lists as a whole. A new object has all its fields that
 * hold something, a deleted one too.
 */
export function differences(before: unknown, after: unknown, prefix = ''): FieldChange[] {
  const old = isObject(before) ? before : {};
  const now = isObject(after) ? after : {};
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const field = prefix ? `${prefix}.${name}` : name;
    if (isObject(old[name]) && isObject(now[name])) return differences(old[name], now[name], field);
    const [was, is] = [old[name] ?? undefined, now[name] ?? undefined];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ field, before: was, after: is }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SECONDS: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** A duration as the configuration tells it, such as `5m` or `1h 30m`. */
export function seconds(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+)\s*(ms|[dhms])/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, n, unit = '']) => sum + Number(n) * (SECONDS[unit] ?? 0), 0);
}

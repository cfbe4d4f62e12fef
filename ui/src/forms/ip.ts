/** 4 or 6, as the server reads addresses: no zeros in front, no zone. Nothing for what is no address. */
export function addressKind(text: string): 4 | 6 | undefined {
  const parts = text.split('.');
  if (parts.length === 4 && parts.every((it) => /^(0|[1-9]\d{0,2})$/.test(it) && Number(it) <= 255)) return 4;
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]`) ? 6 : undefined;
}

/** The kind of the addresses of a range such as `10.1.0.0/24`, and how many bits are left for what is in it. */
export function range(text: string): { kind: 4 | 6; bits: number } | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const kind = addressKind(address);
  const most = kind === 4 ? 32 : 128;
  if (!kind || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > most) return undefined;
  return { kind, bits: most - Number(length) };
}

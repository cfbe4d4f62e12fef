/** Mappings, lists of texts, and texts: all that a clouds.yaml needs. */
export type Yaml = string | string[] | { [key: string]: Yaml };
type Mapping = { [key: string]: Yaml };
type Line = { number: number; indent: number; text: string };

/** Reads the part of YAML that clouds.yaml files are written in, and refuses the rest by line. Never quotes a value. */
export function readYaml(text: string): Mapping {
  const lines: Line[] = text.split('\n').flatMap((raw, index) => {
    const number = index + 1;
    const indent = raw.length - raw.trimStart().length;
    const body = raw.trim();
    if (!body || body.startsWith('#') || body === '---') return [];
    if (raw.slice(0, indent).includes('\t')) throw wrong(number, 'is indented by a tab; YAML takes spaces');
    return [{ number, indent, text: body }];
  });
  const [read, next] = mapping(lines, 0, lines[0]?.indent ?? 0);
  const rest = lines[next];
  if (rest) throw wrong(rest.number, 'is indented less than the first one');
  return read;
}

/** Returns the mapping that begins at line `from`, and the first line after it. */
function mapping(lines: Line[], from: number, indent: number): [Mapping, number] {
  const read: Mapping = {};
  let at = from;
  for (let line = lines[at]; line && line.indent >= indent; line = lines[at]) {
    if (line.indent > indent) throw wrong(line.number, 'is indented more than the one before it');
    const [, quoted, plain, value = ''] =
      /^(?:(".*?"|'.*?')|([^\s"'][^:]*?))\s*:(?:\s+(.*))?$/.exec(line.text) ?? [];
    const key = quoted ? scalar(quoted, line.number) : plain;
    if (key === undefined) throw wrong(line.number, 'is not of the form “key: value”');
    if (key in read) throw wrong(line.number, `names ${key} again`);
    at++;
    if (value && !value.startsWith('#')) {
      read[key] = scalar(value, line.number);
      continue;
    }
    const below = lines[at];
    const isBelow = below !== undefined && below.indent > indent;
    if (below && below.indent >= indent && /^-(\s|$)/.test(below.text))
      [read[key], at] = list(lines, at, below.indent);
    else if (isBelow) [read[key], at] = mapping(lines, at, below.indent);
    else read[key] = '';
  }
  return [read, at];
}

function list(lines: Line[], from: number, indent: number): [string[], number] {
  const read: string[] = [];
  let at = from;
  for (
    let line = lines[at];
    line && line.indent === indent && /^-(\s|$)/.test(line.text);
    line = lines[++at]
  ) {
    const item = line.text.slice(1).trim();
    if (/^[^"'].*:(\s|$)/.test(item))
      throw wrong(line.number, 'holds a list of more than texts, which is not read here');
    read.push(scalar(item, line.number));
  }
  return [read, at];
}

function scalar(text: string, line: number): string {
  const single = /^'((?:[^']|'')*)'\s*(?:#.*)?$/.exec(text)?.[1];
  if (single !== undefined) return single.replaceAll("''", "'");
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)?.[1];
  if (double !== undefined) {
    if (/\\[^"\\/]/.test(double)) throw wrong(line, 'has an escape that is not read here; use single quotes');
    return double.replaceAll(/\\(.)/g, '$1');
  }
  if (/^["']/.test(text)) throw wrong(line, 'has a quote that does not end');
  if (/^[&*!]/.test(text)) throw wrong(line, 'has an anchor, alias or tag, which is not read here');
  if (/^[|>]/.test(text)) throw wrong(line, 'has a text of several lines, which is not read here');
  if (/^[[{]/.test(text)) throw wrong(line, 'has brackets, which are not read here; write one entry a line');
  const plain = text.replace(/\s+#.*$/, '');
  return plain === '~' || plain === 'null' ? '' : plain;
}

const wrong = (line: number, what: string) => new Error(`Line ${line} ${what}.`);

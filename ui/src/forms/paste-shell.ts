/** Variables that a shell script sets, read without running it. `unknown`: only a shell knows their values. */
export type Variables = { values: Map<string, string>; unknown: string[] };
type Word = { text: string; isExpanded: boolean };

export function readShell(text: string): Variables {
  const values = new Map<string, string>();
  const unknown: string[] = [];
  for (const words of statements(text)) {
    if (words[0]?.text === 'unset') {
      for (const word of words.slice(1)) values.delete(word.text);
      continue;
    }
    for (const word of words[0]?.text === 'export' ? words.slice(1) : words) {
      const [, name, value] = /^([A-Za-z_]\w*)=([^]*)$/.exec(word.text) ?? [];
      if (name === undefined || value === undefined) break;
      values.delete(name);
      if (word.isExpanded) unknown.push(name);
      else values.set(name, value);
    }
  }
  return { values, unknown: unknown.filter((it) => !values.has(it)) };
}

/** Quotes as in POSIX: nothing is special between single ones, a backslash escapes between double ones. */
function statements(text: string): Word[][] {
  const all: Word[][] = [[]];
  let word: Word | undefined;
  const add = (char: string) => {
    word ??= { text: '', isExpanded: false };
    word.text += char;
  };
  const endWord = () => {
    if (word) all.at(-1)?.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '#' && !word) {
      while (at + 1 < text.length && text[at + 1] !== '\n') at++;
    } else if ('\n;&|'.includes(char)) {
      endWord();
      all.push([]);
    } else if (/\s/.test(char)) {
      endWord();
    } else if (char === "'") {
      add('');
      for (at++; at < text.length && text[at] !== "'"; at++) add(text.charAt(at));
    } else if (char === '"') {
      add('');
      for (at++; at < text.length && text[at] !== '"'; at++) {
        if (text[at] === '\\' && '$`"\\'.includes(text.charAt(at + 1))) at++;
        else if (word && '$`'.includes(text.charAt(at))) word.isExpanded = true;
        add(text.charAt(at));
      }
    } else if (char === '\\') {
      at++;
      if (at < text.length && text[at] !== '\n') add(text.charAt(at));
    } else {
      add(char);
      if (word && '$`'.includes(char)) word.isExpanded = true;
    }
  }
  endWord();
  return all;
}

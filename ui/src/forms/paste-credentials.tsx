import { Button, Group, NativeSelect, Stack, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';

import { type Pasted, readPasted } from './paste-read';

/** Fills the form from what people have already. Read in the browser; the text itself goes nowhere. */
export function PasteCredentials({ onRead }: { onRead: (pasted: Pasted) => void }) {
  const [text, setText] = useState('');
  const [names, setNames] = useState<string[]>([]);
  const [entry, setEntry] = useState<string>();
  const [error, setError] = useState<string>();
  const read = (event: FormEvent) => {
    event.preventDefault();
    try {
      const pasted = readPasted(text, entry);
      setError(undefined);
      if ('names' in pasted) {
        setNames(pasted.names);
        setEntry(pasted.names[0]);
        return;
      }
      // It may hold a password, so it does not stay on the page.
      setText('');
      setNames([]);
      setEntry(undefined);
      onRead(pasted);
    } catch (wrong) {
      setError(wrong instanceof Error ? wrong.message : String(wrong));
      document.getElementById('paste')?.focus();
    }
  };
  return (
    <form onSubmit={read} noValidate aria-label="Paste">
      <Stack gap="sm">
        <Textarea
          id="paste"
          label="Paste a clouds.yaml entry, an openrc file or a GOVC block"
          description="It is read in this browser and fills the form; nothing is sent before you save or check"
          placeholder={'export OS_AUTH_URL=https://keystone.example:5000/v3\nexport OS_USERNAME=…'}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setNames([]);
            setEntry(undefined);
            setError(undefined);
          }}
          error={error}
          autosize
          minRows={4}
          maxRows={14}
          spellCheck={false}
          autoComplete="off"
          classNames={{ input: 'mono' }}
        />
        {names.length > 0 && (
          <NativeSelect
            label="Which entry"
            data={names}
            value={entry}
            onChange={(event) => setEntry(event.currentTarget.value)}
            autoFocus
          />
        )}
        <Group>
          <Button type="submit" variant="default">
            Fill the form
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

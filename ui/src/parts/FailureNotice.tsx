import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { type Schemas, sentence } from '../api/client';
import { Copy } from './Copy';
import { When } from './When';

export type Failure = Schemas['Failure'];

type Props = {
  /** What fails, such as the name of a server. */
  name: string;
  failure: Failure;
  /** What becomes of it by itself, by its class. */
  becomes: Record<string, string>;
  /** Before all else, such as which server it is. */
  lead?: ReactNode;
  /** What can be done about it here. */
  actions?: ReactNode;
};

/** Why something is not what it should be, what the cloud said, and what to do. */
export function FailureNotice({ name, failure, becomes, lead, actions }: Props) {
  return (
    <section aria-label={`Failure of ${name}`}>
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title={sentence(failure.summary)}
        role="none"
      >
        <Stack gap="xs" fz="sm">
          {lead}
          <span>
            {becomes[failure.class] ?? failure.class} Began <When at={failure.since} />
            {failure.nextTry && (
              <>
                , next try <When at={failure.nextTry} />
              </>
            )}
            .
          </span>
          <NextSteps of={failure} />
          {actions && <Group gap="xs">{actions}</Group>}
        </Stack>
      </Alert>
    </section>
  );
}

/** What to do about a failure, and what the cloud said of it. */
export function NextSteps({ of }: { of: Pick<Failure, 'nextSteps' | 'evidence'> }) {
  return (
    <>
      {of.nextSteps.map((step) => (
        <span key={step}>
          <b>Next: </b>
          {sentence(step)}
        </span>
      ))}
      {of.evidence.map((said) => (
        <Group key={said} gap={6} wrap="nowrap" align="flex-start">
          <Text className="mono" size="xs" style={{ overflowWrap: 'anywhere' }}>
            {said}
          </Text>
          <Copy value={said} what="what the cloud said" />
        </Group>
      ))}
    </>
  );
}

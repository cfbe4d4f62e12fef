import { Box, Card, Text, Title } from '@mantine/core';
import { IconCircle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export type Step = { title: string; hint: string; isDone: boolean; action: ReactNode };

/** What to do first. Gone when all of it is done. */
export function Steps({ steps }: { steps: Step[] }) {
  if (steps.every((it) => it.isDone)) return null;
  const next = steps.find((it) => !it.isDone);
  return (
    <Card withBorder component="section" aria-label="First steps">
      <Title order={2} size="h4" mb="sm">
        First steps
      </Title>
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.title}>
            {step.isDone ? (
              <IconCircleCheck size={22} color="var(--mantine-color-teal-7)" role="img" aria-label="done" />
            ) : (
              <IconCircle size={22} color="var(--mantine-color-dimmed)" role="img" aria-label="to do" />
            )}
            <Box miw={0} style={{ flex: '1 1 14rem' }}>
              <Text fw={600} size="sm">
                {step.title}
              </Text>
              <Text size="sm" c="dimmed">
                {step.hint}
              </Text>
            </Box>
            {step === next && step.action}
          </li>
        ))}
      </ol>
    </Card>
  );
}

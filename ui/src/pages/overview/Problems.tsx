import { Anchor, Card, Text, Title } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export type Problem = {
  key: string;
  /** What is in trouble, and the page of it. */
  name: string;
  link: Pick<LinkProps, 'to' | 'params' | 'search'>;
  state: ReactNode;
  since?: ReactNode;
  reason?: string;
};

/** What does not work at the moment. */
export function Problems({ problems, none }: { problems: Problem[]; none: string }) {
  return (
    <Card withBorder component="section" aria-label="What needs attention">
      <Title order={2} size="h4" mb="xs">
        What needs attention
      </Title>
      {problems.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : (
        <ul className="problems">
          {problems.map(({ key, name, link, state, since, reason }) => (
            <li key={key}>
              {state}
              <Anchor component={Link} {...(link as object)} size="sm" fw={600}>
                {name}
              </Anchor>
              {since && (
                <Text size="sm" c="dimmed" component="span">
                  {since}
                </Text>
              )}
              {reason && (
                <Text size="sm" component="span">
                  {reason}
                </Text>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

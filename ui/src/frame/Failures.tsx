import { Anchor, Container, Stack, Text, Title } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';

import { ErrorNotice } from '../parts/ErrorNotice';

export function NothingHere() {
  return (
    <Container size="sm" py="xl">
      <Stack>
        <Title order={1}>Nothing is at this address</Title>
        <Text>It may have been deleted, or belong to a scope you have no access to.</Text>
        <Anchor component={Link} to="/">
          Go to the start page
        </Anchor>
      </Stack>
    </Container>
  );
}

/** The last resort: a page that could not be drawn at all. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <Container size="sm" py="xl">
      <ErrorNotice error={error} retry={reset} />
    </Container>
  );
}

import { Card, SimpleGrid, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { cloudName } from '../../api/clouds-names';
import { type Scope, scopeSegment } from '../../api/scope';

const CHOICES = [
  { cloud: 'openstack', needs: 'Keystone URL, user, password and project; or an application credential.' },
  { cloud: 'vmware', needs: 'URL of the vCenter, and of linked ones; user and password.' },
];

export function ChooseCloud({ scope }: { scope: Scope }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      {CHOICES.map(({ cloud, needs }) => (
        <Card
          key={cloud}
          component={Link}
          to="/$scope/credentials/new"
          params={{ scope: scopeSegment(scope) } as never}
          search={((before: object) => ({ ...before, cloud })) as never}
          withBorder
          className="choose-cloud"
        >
          <Title order={2} size="h4">
            {cloudName(cloud)}
          </Title>
          <Text size="sm">{needs}</Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

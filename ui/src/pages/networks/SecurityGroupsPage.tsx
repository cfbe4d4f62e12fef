import { Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { cloudsQuery } from '../../api/clouds';
import type { NetworkRule } from '../../api/networks';
import { useScope } from '../../api/scope';
import { deleteSecurityGroup, type SecurityGroup, securityGroupsQuery } from '../../api/security-groups';
import { portsText } from '../../forms/network-values';
import { SecurityGroupForm } from '../../forms/security-group';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { useAssetColumns } from '../assets/columns';
import { NeedsOpenstack } from '../clouds/NeedsOpenstack';
import { OnlyInEnvironments } from '../inventory/OnlyInEnvironments';
import { UsedBy, usedByText } from '../servers/UsedBy';

/** The security groups of an environment that belong to no network. */
export function SecurityGroupsPage() {
  const scope = useScope();
  return scope.kind === 'environment' ? (
    <SecurityGroups envId={scope.id} />
  ) : (
    <OnlyInEnvironments title="Security groups" to="/$scope/security-groups">
      A security group is made in a cloud that is linked to an environment.
    </OnlyInEnvironments>
  );
}

function SecurityGroups({ envId }: { envId: number }) {
  const list = useQuery(securityGroupsQuery(envId));
  const links = useQuery(cloudsQuery(envId));
  const queries = useQueryClient();
  const isLinked = links.data?.some((it) => it.cloud === 'openstack');
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['security-groups'] });
    notifications.show({ message });
  };
  const { first, last } = useAssetColumns<SecurityGroup>();
  const columns: Column<SecurityGroup>[] = [
    ...first,
    { id: 'rules', label: 'Lets in', text: rulesText, cell: rulesText },
    {
      id: 'usedBy',
      label: 'Used by',
      text: (row) => usedByText(row.usedBy),
      cell: (row) => <UsedBy servers={row.usedBy} />,
    },
    ...last,
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) =>
        !['deleting', 'deleted'].includes(row.status) && (
          <Group gap="xs" wrap="nowrap">
            <SecurityGroupForm
              key={JSON.stringify(row.rules)}
              envId={envId}
              group={row}
              done={({ name }) => done(`Security group ${name} is being changed.`)}
            />
            <Confirm
              label="Delete"
              aria-label={`Delete ${row.name}`}
              question={`Delete the security group ${row.name}?`}
              act={() => deleteSecurityGroup(envId, row.id)}
              done={() => done(`Security group ${row.name} is being deleted.`)}
            >
              One that servers have is not deleted. Farm roles that name it cannot launch servers any more.
            </Confirm>
          </Group>
        ),
    },
  ];
  const create = isLinked && (
    <SecurityGroupForm
      envId={envId}
      done={({ name }) => done(`Security group ${name} is being created.`)}
      leftSection={<IconPlus size={16} aria-hidden />}
    />
  );
  return (
    <ListPage
      title="Security groups"
      hint="Who may send what to servers in OpenStack. Those that come with a private network are shown there."
      actions={create}
      list={list}
      columns={columns}
      rowKey={(row) => row.id}
      words={(row) => [row.name, row.status, rulesText(row), usedByText(row.usedBy), row.createdBy.email]}
      empty={
        isLinked === false ? (
          <NeedsOpenstack envId={envId}>Security groups are made in OpenStack.</NeedsOpenstack>
        ) : (
          <Empty title="No security groups yet" action={create}>
            Make one, then choose it for the farm roles of a farm.
          </Empty>
        )
      }
    />
  );
}

/** `TCP 22 from 10.0.0.0/8, ICMP from 0.0.0.0/0`. */
function rulesText({ rules }: SecurityGroup): string {
  const text = (rule: NetworkRule) =>
    [rule.protocol.toUpperCase(), portsText(rule), 'from', rule.from].filter(Boolean).join(' ');
  return rules.map(text).join(', ') || 'nobody';
}

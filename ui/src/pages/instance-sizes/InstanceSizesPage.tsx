import { Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { deleteInstanceSize, type InstanceSize, instanceSizesQuery } from '../../api/instance-sizes';
import { InstanceSizeForm } from '../../forms/instance-size-edit';
import { Confirm } from '../../parts/Confirm';
import type { Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { ListPage } from '../../parts/ListPage';
import { memoryText } from './memory';

/** The sizes of machines in vSphere, which has none of its own. */
export function InstanceSizesPage() {
  const list = useQuery(instanceSizesQuery);
  const queries = useQueryClient();
  const changed = () => {
    for (const topic of ['vmware-instance-types', 'inventory'])
      void queries.invalidateQueries({ queryKey: [topic] });
  };
  const sockets = (row: InstanceSize) => (row.vcpus ?? 0) / (row.coresPerSocket ?? 1);
  const columns: Column<InstanceSize>[] = [
    { id: 'name', label: 'Name', sort: 'name', text: (row) => row.name ?? '', cell: (row) => row.name },
    {
      id: 'vcpus',
      label: 'vCPUs',
      sort: 'vcpus',
      isNumber: true,
      text: (row) => String(row.vcpus),
      cell: (row) => row.vcpus,
    },
    {
      id: 'cores',
      label: 'Cores per socket',
      isNumber: true,
      text: (row) => `${sockets(row)} sockets`,
      cell: (row) => row.coresPerSocket,
    },
    {
      id: 'memory',
      label: 'Memory',
      sort: 'memory',
      isNumber: true,
      // The order is by this text, and digits in it count as numbers.
      text: (row) => `${row.memoryMib} MiB`,
      cell: (row) => memoryText(row.memoryMib ?? 0),
    },
    {
      id: 'actions',
      label: 'Actions',
      cell: (row) => (
        <Group gap="xs" wrap="nowrap">
          <InstanceSizeForm key={JSON.stringify(row)} size={row} done={changed} />
          <Confirm
            label="Delete"
            question={`Delete instance size ${row.name}?`}
            act={() => deleteInstanceSize(row.id ?? '')}
            done={changed}
          >
            It is no longer offered in vSphere environments. Machines that exist keep their vCPUs and memory.
          </Confirm>
        </Group>
      ),
    },
  ];
  return (
    <ListPage
      title="Instance sizes"
      hint="vSphere has no instance types of its own. These sizes are offered in every vSphere environment."
      actions={<InstanceSizeForm done={changed} />}
      list={list}
      columns={columns}
      rowKey={(row) => row.id ?? ''}
      words={(row) => [row.name]}
      empty={
        <Empty title="No instance sizes" action={<InstanceSizeForm done={changed} />}>
          Without one, vSphere environments offer no instance types.
        </Empty>
      }
    />
  );
}

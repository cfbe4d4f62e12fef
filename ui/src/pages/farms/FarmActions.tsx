import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { deleteFarm, type Farm, farmRolesQuery, readAnew, useFarmAction } from '../../api/farms';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import { CloneFarm } from '../../forms/farm-clone';
import { FarmForm } from '../../forms/farm-edit';
import { LockFarm } from '../../forms/farm-lock';
import { Confirm } from '../../parts/Confirm';
import { notifyError } from '../../parts/ErrorNotice';
import { liveServers, nServers } from './counts';
import { lockedBecause } from './FarmLocked';

/** What can be done with a farm as it is now. */
export function FarmActions({ farm }: { farm: Farm }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const id = farm.id ?? 0;
  const act = useFarmAction(envId, id);
  const tiers = useQuery(farmRolesQuery(envId, id));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const n = liveServers(farm);
  const refused = lockedBecause(farm);
  /** Of a button that the lock of the farm refuses. */
  const unlessLocked = { disabled: Boolean(refused), title: refused };
  const say = (message: string) => () => notifications.show({ message: `${farm.name} ${message}.` });
  const now = (action: 'launch' | 'resume', message: string) => () =>
    act.mutate(action, {
      onSuccess: say(message),
      onError: (error) => notifyError(`${farm.name} cannot be ${message.replace(/^is being /, '')}`, error),
    });
  return (
    <>
      {farm.status === 'terminated' && (tiers.data?.length ?? 0) > 0 && (
        <Button {...unlessLocked} loading={act.isPending} onClick={now('launch', 'is being launched')}>
          Launch
        </Button>
      )}
      {farm.status === 'suspended' && (
        <Button {...unlessLocked} loading={act.isPending} onClick={now('resume', 'is being resumed')}>
          Resume
        </Button>
      )}
      {farm.status === 'running' && (
        <Confirm
          {...unlessLocked}
          size="sm"
          label="Suspend"
          question={`Suspend ${farm.name}?`}
          act={() => act.mutateAsync('suspend')}
          done={say('is being suspended')}
        >
          {`${nServers(n)} ${n === 1 ? 'stops' : 'stop'} working until the farm is resumed. Machines and disks stay in the clouds.`}
        </Confirm>
      )}
      {farm.status !== 'terminated' && (
        <Confirm
          {...unlessLocked}
          size="sm"
          label="Terminate"
          question={`Terminate the servers of ${farm.name}?`}
          act={() => act.mutateAsync('terminate')}
          done={say('is being terminated')}
        >
          {`${nServers(n)} ${n === 1 ? 'is' : 'are'} terminated: everything that was made for them, machines, disks and ports, is removed from the clouds. The farm and its farm roles stay, and it can be launched again.`}
        </Confirm>
      )}
      <CloneFarm
        envId={envId}
        farm={farm}
        done={(copy) => {
          void readAnew(queries);
          notifications.show({ message: `Farm ${copy.name} is made.` });
          void navigate({
            to: '/$scope/farms/$farmId',
            params: { scope: scopeSegment(scope), farmId: String(copy.id) },
          });
        }}
      />
      {!farm.locked && (
        <LockFarm
          envId={envId}
          farm={farm}
          done={() => {
            void readAnew(queries);
            notifications.show({ message: `Farm ${farm.name} is locked.` });
          }}
        />
      )}
      <FarmForm
        {...unlessLocked}
        key={`${farm.name} ${farm.description} ${farm.launchOrder} ${farm.project?.id}`}
        envId={envId}
        farm={farm}
        done={() => {
          void readAnew(queries);
          notifications.show({ message: `Farm ${farm.name} is saved.` });
        }}
      />
      <Confirm
        {...unlessLocked}
        size="sm"
        label="Delete"
        question={`Delete the farm ${farm.name}?`}
        act={() => deleteFarm(envId, id)}
        done={() => {
          notifications.show({ message: `Farm ${farm.name} is deleted.` });
          void navigate({ to: '/$scope/farms', params: { scope: scopeSegment(scope) } });
          void queries.invalidateQueries({ queryKey: ['farms'] });
        }}
      >
        Its farm roles are deleted with it. A farm that has servers cannot be deleted: terminate it first.
      </Confirm>
    </>
  );
}

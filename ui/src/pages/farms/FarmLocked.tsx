import { Alert, Button, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconLock } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { type Farm, readAnew, unlockFarm } from '../../api/farms';
import { environmentId, useScope } from '../../api/scope';
import { notifyError } from '../../parts/ErrorNotice';

/** Why buttons of a farm and its farm roles do nothing; `undefined` where it is not locked. */
export function lockedBecause({ locked }: Farm): string | undefined {
  return locked ? `The farm is locked by ${locked.user.email ?? locked.user.id}` : undefined;
}

/** Who locked the farm and why, what that means, and the way out. */
export function FarmLocked({ farm }: { farm: Farm }) {
  const envId = environmentId(useScope());
  const queries = useQueryClient();
  const unlock = useMutation({
    mutationFn: () => unlockFarm(envId, farm.id ?? 0),
    onSuccess: () => {
      notifications.show({ message: `Farm ${farm.name} is unlocked.` });
      return readAnew(queries);
    },
    onError: (error) => notifyError(`${farm.name} cannot be unlocked`, error),
  });
  const { locked } = farm;
  if (!locked) return null;
  const { comment, unlockPermission } = locked;
  return (
    <section aria-label="Lock">
      <Alert
        color="orange"
        variant="light"
        icon={<IconLock aria-hidden />}
        title={lockedBecause(farm)}
        role="none"
      >
        <Stack gap="xs" align="flex-start" style={{ overflowWrap: 'anywhere' }}>
          {comment && <span>“{comment}”</span>}
          <span>
            It and its farm roles stay as they are: they are not changed, launched, suspended, resumed,
            terminated or deleted. The farm keeps its servers; single ones can still be rebooted, terminated
            and so on.{' '}
            {unlockPermission === 'owner'
              ? `${farm.owner?.email ?? 'Its owner'}, who owns it, can unlock it, and those who manage the environments of the account.`
              : 'Whoever may change farms can unlock it.'}
          </span>
          <Button size="xs" variant="default" loading={unlock.isPending} onClick={() => unlock.mutate()}>
            Unlock
          </Button>
        </Stack>
      </Alert>
    </section>
  );
}

import { Button, Loader, SimpleGrid, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { type Cloud, environmentCloudsQuery, useUnlink } from '../../api/clouds';
import { cloudName } from '../../api/clouds-names';
import { credentialsQuery } from '../../api/cloud-credentials';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { Confirm } from '../../parts/Confirm';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { CloudCard } from '../clouds/CloudCard';
import { platformsOf } from '../clouds/platforms';
import { SyncNow } from '../clouds/SyncNow';
import { CloudPicker } from './CloudPicker';

/** The clouds of an environment, each with the way to link, replace and unlink its credentials. */
export function EnvironmentClouds({ envId }: { envId: number }) {
  const scope = useScope();
  const navigate = useNavigate();
  const { pick } = useSearch({ from: '/in/$scope/environments/$envId' });
  const {
    data: links,
    error,
    isPending,
    refetch,
  } = useQuery(environmentCloudsQuery(accountId(scope), envId));
  const credentials = useQuery(credentialsQuery(scope));
  const choose = (platform: string | undefined) =>
    void navigate({
      to: '/$scope/environments/$envId',
      params: { scope: scopeSegment(scope), envId: String(envId) },
      search: { pick: platform },
      replace: true,
    });
  if (isPending) return <Loader aria-label="Loading clouds" />;
  if (!links || isGone(error)) return <ErrorNotice error={error} retry={() => void refetch()} />;
  const linkOf = (platform: string) => links.find((it) => it.cloud === platform);
  const providers = credentials.data?.map((it) => it.provider);
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {platformsOf(links, providers).map((platform) => (
          <CloudCard
            key={platform}
            platform={platform}
            link={linkOf(platform)}
            envId={envId}
            credentialsScope={scope}
            actions={
              <Actions
                envId={envId}
                platform={platform}
                link={linkOf(platform)}
                choose={() => choose(platform)}
              />
            }
          />
        ))}
      </SimpleGrid>
      {pick && (
        <CloudPicker
          platform={pick}
          envId={envId}
          current={linkOf(pick)?.credentials.id}
          close={() => choose(undefined)}
        />
      )}
    </>
  );
}

type Props = { envId: number; platform: string; link: Cloud | undefined; choose: () => void };

function Actions({ envId, platform, link, choose }: Props) {
  const scope = useScope();
  const name = cloudName(platform);
  const unlink = useUnlink(accountId(scope), envId, platform);
  if (!link)
    return (
      <Button size="compact-sm" onClick={choose} aria-label={`Link ${name} credentials`}>
        Link credentials
      </Button>
    );
  return (
    <>
      <SyncNow envId={envId} platform={platform} />
      <Button size="compact-sm" variant="default" onClick={choose} aria-label={`Replace ${name} credentials`}>
        Replace
      </Button>
      <Confirm
        label="Unlink"
        size="compact-sm"
        question={`Unlink ${link.credentialsName} from this environment?`}
        act={() => unlink.mutateAsync()}
        done={() => notifications.show({ message: `${link.credentialsName} is unlinked.` })}
      >
        <Text size="sm">
          The {name} machines, networks and images can no longer be seen here. Nothing in the cloud is
          changed, and the credentials stay.
        </Text>
      </Confirm>
    </>
  );
}

import { Loader, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { type Farm, farmQuery, farmRolesQuery } from '../../api/farms';
import { projectsQuery } from '../../api/projects';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import { farmServersQuery } from '../../api/servers';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { ServerStatus } from '../../parts/Status';
import { When } from '../../parts/When';
import { Timeline } from '../servers/Timeline';
import { serversByStatus } from './counts';
import { FarmActions } from './FarmActions';
import { FarmLocked, lockedBecause } from './FarmLocked';
import { LinkButton } from './LinkButton';
import { LeftOver } from './LeftOver';
import { Tier } from './Tier';

/** One farm: its tiers with their servers, and what comes to pass with them. */
export function FarmPage() {
  const scope = useScope();
  const envId = environmentId(scope);
  const farmId = Number(useParams({ from: '/in/$scope/farms/$farmId' }).farmId);
  const { data: farm, error, isPending, refetch } = useQuery(farmQuery(envId, farmId));
  const projects = useQuery({ ...projectsQuery(scope), enabled: Boolean(farm?.project) });
  if (!farm || isGone(error))
    return (
      <Page title="Farm">
        {isPending ? (
          <Loader role="status" aria-label="Loading the farm" />
        ) : (
          <ErrorNotice error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  const project = projects.data?.find((it) => it.id === farm.project?.id)?.name ?? farm.project?.id;
  return (
    <Page
      title={farm.name ?? `Farm ${farmId}`}
      state={<ServerStatus value={farm.status ?? ''} />}
      hint={
        <>
          Farm {farmId} of {farm.owner?.email ?? 'nobody'}, {farm.launchOrder}, added <When at={farm.added} />
          {project && `, of the project ${project}`}. Servers: {serversByStatus(farm) || 'none'}.
        </>
      }
      actions={<FarmActions farm={farm} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      <FarmLocked farm={farm} />
      {farm.description && (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }} maw={980}>
          {farm.description}
        </Text>
      )}
      <Tiers farm={farm} farmId={farmId} />
    </Page>
  );
}

function Tiers({ farm, farmId }: { farm: Farm; farmId: number }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const tiers = useQuery(farmRolesQuery(envId, farmId));
  const servers = useQuery(farmServersQuery(envId, farmId));
  const all = servers.data ?? [];
  const add = (
    <LinkButton
      refused={lockedBecause(farm)}
      to="/$scope/farms/$farmId/farm-roles/new"
      params={{ scope: scopeSegment(scope), farmId: String(farmId) }}
      leftSection={<IconPlus size={16} aria-hidden />}
      variant={tiers.data?.length === 0 ? 'filled' : 'default'}
      style={{ alignSelf: 'flex-start' }}
    >
      Add farm role
    </LinkButton>
  );
  return (
    <>
      <Stack gap="sm" component="section" aria-label="Farm roles">
        <Title order={2} size="h4">
          Farm roles
        </Title>
        <ErrorNotice error={tiers.error} retry={() => void tiers.refetch()} />
        <ErrorNotice
          error={servers.error}
          retry={() => void servers.refetch()}
          title="The servers cannot be listed"
        />
        {(tiers.isPending || servers.isPending) && <Loader role="status" aria-label="Loading farm roles" />}
        {tiers.data?.length === 0 ? (
          <div className="table-box">
            <Empty title="No farm roles yet" action={<div>{add}</div>}>
              A farm role is a tier: a role on one cloud and location, with an instance type, networks, and
              how many servers there are to be.
            </Empty>
          </div>
        ) : (
          <>
            {servers.data &&
              tiers.data?.map((tier) => (
                <Tier
                  key={tier.id}
                  farm={farm}
                  tier={tier}
                  servers={all.filter((it) => it.farmRole.id === tier.id)}
                />
              ))}
            {tiers.data && add}
          </>
        )}
        {tiers.data && (
          <LeftOver servers={all.filter((it) => tiers.data.every((tier) => tier.id !== it.farmRole.id))} />
        )}
      </Stack>
      <Timeline of={{ farm: String(farmId) }} servers={all} isNamed />
    </>
  );
}

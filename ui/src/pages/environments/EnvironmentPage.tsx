import { Button, Loader, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { costCentersQuery } from '../../api/cost-centers';
import { deleteEnvironment, type Environment, environmentQuery } from '../../api/environments';
import { accountId, scopeSegment, useScope } from '../../api/scope';
import { EditEnvironment } from '../../forms/environment-edit';
import { Confirm } from '../../parts/Confirm';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';
import { When } from '../../parts/When';
import { EnvironmentClouds } from './EnvironmentClouds';
import { EnvironmentTeams } from './EnvironmentTeams';

/** One environment: the clouds it uses, and the teams that work in it. */
export function EnvironmentPage() {
  const scope = useScope();
  const { envId } = useParams({ from: '/in/$scope/environments/$envId' });
  const { tab = 'clouds' } = useSearch({ from: '/in/$scope/environments/$envId' });
  const navigate = useNavigate();
  const id = Number(envId);
  const { data: environment, error, isPending, refetch } = useQuery(environmentQuery(accountId(scope), id));
  const known = environment?.costCenter?.id;
  const costCenters = useQuery({ ...costCentersQuery(scope), enabled: Boolean(known) });
  const costCenter = costCenters.data?.find((it) => it.id === known)?.name ?? known;
  if (!environment || isGone(error))
    return (
      <Page title="Environment">
        {isPending ? (
          <Loader aria-label="Loading the environment" />
        ) : (
          <ErrorNotice error={error} retry={() => void refetch()} />
        )}
      </Page>
    );
  return (
    <Page
      title={environment.name ?? `Environment ${id}`}
      hint={
        <>
          Environment {id}, {environment.status}, added <When at={environment.added} />
          {costCenter && `, cost center ${costCenter}`}
        </>
      }
      actions={<Actions environment={environment} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      <Tabs
        value={tab}
        onChange={(next) =>
          void navigate({
            to: '/$scope/environments/$envId',
            params: { scope: scopeSegment(scope), envId },
            search: { tab: next === 'clouds' ? undefined : (next ?? undefined) },
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List aria-label="Parts of the environment">
          <Tabs.Tab value="clouds">Clouds</Tabs.Tab>
          <Tabs.Tab value="teams">Teams</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="clouds" pt="md">
          <EnvironmentClouds envId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="teams" pt="md">
          <EnvironmentTeams envId={id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Actions({ environment }: { environment: Environment }) {
  const scope = useScope();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const id = environment.id ?? 0;
  return (
    <>
      <Button
        component={Link}
        to="/$scope"
        params={{ scope: scopeSegment({ kind: 'environment', id }) } as never}
        variant="default"
      >
        Work in it
      </Button>
      <EditEnvironment environment={environment} />
      <Confirm
        label="Delete"
        size="sm"
        question={`Delete the environment ${environment.name}?`}
        act={() => deleteEnvironment(accountId(scope), id)}
        done={() => {
          notifications.show({ message: `Environment ${environment.name} is deleted.` });
          void navigate({ to: '/$scope/environments', params: { scope: scopeSegment(scope) } });
          void queries.invalidateQueries({ queryKey: ['environments'] });
          void queries.invalidateQueries({ queryKey: ['session'] });
        }}
      >
        Teams lose their access to it. Nothing in a cloud is changed. An environment that still has clouds
        cannot be deleted: unlink them first.
      </Confirm>
    </>
  );
}

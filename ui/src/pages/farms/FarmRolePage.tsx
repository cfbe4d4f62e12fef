import { Loader } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { farmQuery, farmRolesQuery } from '../../api/farms';
import { environmentId, scopeSegment, useScope } from '../../api/scope';
import { FarmRoleForm } from '../../forms/farm-role-edit';
import { Empty } from '../../parts/Empty';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Page } from '../../parts/Page';

/** Adds a tier to a farm. */
export function NewFarmRolePage() {
  const { farmId } = useParams({ from: '/in/$scope/farms/$farmId/farm-roles/new' });
  return <Form farmId={Number(farmId)} farmRoleId={undefined} />;
}

/** Changes a tier of a farm. */
export function FarmRolePage() {
  const { farmId, farmRoleId } = useParams({ from: '/in/$scope/farms/$farmId/farm-roles/$farmRoleId' });
  return <Form key={farmRoleId} farmId={Number(farmId)} farmRoleId={Number(farmRoleId)} />;
}

function Form({ farmId, farmRoleId }: { farmId: number; farmRoleId: number | undefined }) {
  const scope = useScope();
  const envId = environmentId(scope);
  const navigate = useNavigate();
  const farm = useQuery(farmQuery(envId, farmId));
  const tiers = useQuery({ ...farmRolesQuery(envId, farmId), enabled: farmRoleId !== undefined });
  const tier = tiers.data?.find((it) => it.id === farmRoleId);
  const error = farm.error ?? tiers.error;
  const back = () =>
    void navigate({
      to: '/$scope/farms/$farmId',
      params: { scope: scopeSegment(scope), farmId: String(farmId) },
    });
  const isLoading = farm.isPending || (farmRoleId !== undefined && tiers.isPending);
  const isThere = farm.data && !isGone(error) && (farmRoleId === undefined || tier);
  return (
    <Page
      title={tier ? `Farm role ${tier.alias}` : 'New farm role'}
      hint={
        farm.data &&
        (tier
          ? `Of the farm ${farm.data.name}. Servers that are there stay as they are; what is changed counts for those that are launched from now on.`
          : `A tier of the farm ${farm.data.name}.${farm.data.status === 'running' ? ' The farm runs: its servers are launched at once.' : ''}`)
      }
    >
      <ErrorNotice
        error={error}
        retry={() => {
          void farm.refetch();
          if (farmRoleId !== undefined) void tiers.refetch();
        }}
      />
      {isLoading && <Loader role="status" aria-label="Loading the farm" />}
      {!isLoading && !error && !isThere && <Empty title={`The farm has no farm role ${farmRoleId}`} />}
      {isThere && farm.data && (
        <FarmRoleForm
          envId={envId}
          farm={farm.data}
          farmRole={tier}
          done={(made) => {
            notifications.show({
              message: tier ? `Farm role ${made.alias} is saved.` : `Farm role ${made.alias} is added.`,
            });
            back();
          }}
          cancel={back}
        />
      )}
    </Page>
  );
}

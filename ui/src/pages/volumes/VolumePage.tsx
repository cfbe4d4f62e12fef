import { Card, Loader, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';

import { isGone } from '../../api/client';
import { environmentId, useScope } from '../../api/scope';
import { deleteVolume, type Volume, volumeQuery } from '../../api/volumes';
import { ExtendVolume } from '../../forms/volume-extend';
import { Confirm } from '../../parts/Confirm';
import { ErrorNotice } from '../../parts/ErrorNotice';
import { Fact, Id } from '../../parts/Fact';
import { FailureNotice } from '../../parts/FailureNotice';
import { Page } from '../../parts/Page';
import { ServerStatus } from '../../parts/Status';
import { When } from '../../parts/When';
import { usePlaceName } from '../images/names';
import { gib } from '../inventory/units';
import { useNames } from '../inventory/useNames';
import { UsedBy } from '../servers/UsedBy';
import { BECOMES } from './becomes';

/** One volume: what it is, which server has it, and why it is not what it should be. */
export function VolumePage() {
  const envId = environmentId(useScope());
  const { volumeId } = useParams({ from: '/in/$scope/volumes/$volumeId' });
  const { data: volume, error, isPending, refetch } = useQuery(volumeQuery(envId, volumeId));
  if (!volume || isGone(error))
    return (
      <Page title="Volume">
        {isPending && <Loader role="status" aria-label="Loading the volume" />}
        <ErrorNotice error={error} retry={() => void refetch()} />
      </Page>
    );
  return (
    <Page
      title={volume.name}
      state={<ServerStatus value={volume.status} />}
      hint={
        <>
          Volume of {gib(volume.sizeGib)}. Status changed <When at={volume.statusSince} />
        </>
      }
      actions={!['deleting', 'deleted'].includes(volume.status) && <Actions volume={volume} />}
    >
      <ErrorNotice error={error} retry={() => void refetch()} title="What is shown may be old" />
      {volume.failure && <FailureNotice name={volume.name} failure={volume.failure} becomes={BECOMES} />}
      <Card withBorder component="section" aria-label="Facts">
        <Title order={2} size="h4" mb="sm">
          Facts
        </Title>
        <Facts volume={volume} />
      </Card>
    </Page>
  );
}

function Actions({ volume }: { volume: Volume }) {
  const envId = environmentId(useScope());
  const queries = useQueryClient();
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: ['volumes'] });
    notifications.show({ message: `Volume ${volume.name} ${message}.` });
  };
  return (
    <>
      <ExtendVolume
        key={volume.sizeGib}
        envId={envId}
        volume={volume}
        done={() => done('is being made larger')}
      />
      <Confirm
        size="sm"
        label="Delete"
        question={`Delete the volume ${volume.name}?`}
        act={() => deleteVolume(envId, volume.id)}
        done={() => done('is being deleted')}
      >
        It is deleted in its cloud, and what is on it is gone for good. One that a server has is not deleted:
        detach it first.
      </Confirm>
    </>
  );
}

function Facts({ volume }: { volume: Volume }) {
  const scope = useScope();
  const placeName = usePlaceName(scope);
  const { cloudPlatform, cloudLocation } = volume;
  const nameOf = useNames({ envId: environmentId(scope), cloudPlatform, cloudLocation }, ['volume-types']);
  return (
    <dl className="facts">
      <Fact name="Attached to">
        <UsedBy servers={volume.attachedTo} />
        {volume.attachedTo.length === 0 &&
          volume.status === 'ready' &&
          '. Attach it on the page of a server, under Storage and addresses.'}
      </Fact>
      <Fact name="Size">{gib(volume.sizeGib)}</Fact>
      <Fact name="Cloud">
        {placeName(volume)}
        {volume.cloudStatus && `; it says ${volume.cloudStatus}`}
      </Fact>
      <Fact name="Volume type">
        {nameOf(volume.volumeType?.id) ?? volume.volumeType?.id ?? 'the cloud’s default'}
      </Fact>
      <Fact name="Availability zone">{volume.availabilityZone?.id ?? 'chosen by the cloud'}</Fact>
      <Fact name="ID">
        <Id value={volume.id} what="the ID" />
      </Fact>
      <Fact name="ID in the cloud">
        {volume.cloudVolumeId ? <Id value={volume.cloudVolumeId} what="the ID in the cloud" /> : 'none yet'}
      </Fact>
      <Fact name="Created by">{volume.createdBy.email ?? volume.createdBy.id}</Fact>
      <Fact name="Added">
        <When at={volume.added} />
      </Fact>
      {volume.deleted && (
        <Fact name="Deleted">
          <When at={volume.deleted} />
        </Fact>
      )}
      <Fact name="Cloud last asked">
        <When at={volume.observedAt} />
      </Fact>
    </dl>
  );
}

import { Tabs } from '@mantine/core';

import { type CloudCredentials, regionsOf } from '../../api/cloud-credentials';
import { CredentialEndpoints } from './CredentialEndpoints';
import { CredentialHistory } from './CredentialHistory';
import { CredentialOverview } from './CredentialOverview';
import { type CredentialSearch, useShow } from './CredentialShow';
import { CredentialPrivileges } from './CredentialPrivileges';
import { CredentialRegion } from './CredentialRegion';
import { CredentialReport } from './CredentialReport';

/** Part of ids in the page, where a space would end it. */
const REGION = 'region:';
const regionTab = (name: string | undefined) => `${REGION}${encodeURIComponent(name ?? '')}`;

export function CredentialTabs({
  credentials,
  search,
}: {
  credentials: CloudCredentials;
  search: CredentialSearch;
}) {
  const show = useShow();
  const regions = regionsOf(credentials);
  const isVsphere = credentials.cloudCredentialsType === 'VmwareCloudCredentials';
  const tab = search.tab === 'region' ? regionTab(search.region) : (search.tab ?? 'overview');
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(next) => {
        if (next?.startsWith(REGION))
          show({ tab: 'region', region: decodeURIComponent(next.slice(REGION.length)) });
        else show({ tab: next === 'overview' ? undefined : (next ?? undefined) });
      }}
    >
      <Tabs.List aria-label="Parts of the credentials">
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        {regions.map((it) => (
          <Tabs.Tab key={it.name} value={regionTab(it.name)}>
            {it.name}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="report">Report</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
        {isVsphere && <Tabs.Tab value="privileges">Privileges</Tabs.Tab>}
        <Tabs.Tab value="endpoints">Endpoints</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview" pt="md">
        <CredentialOverview credentials={credentials} />
      </Tabs.Panel>
      {regions.map((it) => (
        <Tabs.Panel key={it.name} value={regionTab(it.name)} pt="md">
          <CredentialRegion region={it} />
        </Tabs.Panel>
      ))}
      <Tabs.Panel value="report" pt="md">
        <CredentialReport validationId={search.validation ?? credentials.lastValidation?.id} />
      </Tabs.Panel>
      <Tabs.Panel value="history" pt="md">
        <CredentialHistory id={credentials.id ?? ''} />
      </Tabs.Panel>
      {isVsphere && (
        <Tabs.Panel value="privileges" pt="md">
          <CredentialPrivileges credentials={credentials} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="endpoints" pt="md">
        <CredentialEndpoints id={credentials.id ?? ''} />
      </Tabs.Panel>
    </Tabs>
  );
}

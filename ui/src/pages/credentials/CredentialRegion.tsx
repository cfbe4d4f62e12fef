import { Text } from '@mantine/core';

import { type Schemas, sentence } from '../../api/client';
import type { Region, RegionService } from '../../api/cloud-credentials';
import { CredentialSection } from './CredentialSection';
import { Fold } from './Fold';
import { Stack } from '@mantine/core';

type ServiceVersion = Schemas['ServiceVersion'];

/** A region as the last good validation saw it. */
export function CredentialRegion({ region }: { region: Region }) {
  const { services } = region;
  return (
    <Stack>
      <CredentialSection title="Endpoint versions">
        <div
          className="table-box"
          tabIndex={0}
          role="region"
          aria-label={`Endpoint versions of ${region.name}`}
        >
          <table>
            <thead>
              <tr>
                <th scope="col">Service</th>
                <th scope="col">Type</th>
                <th scope="col">Endpoint</th>
                <th scope="col">Port</th>
                <th scope="col">Versions</th>
                <th scope="col">Microversions</th>
              </tr>
            </thead>
            <tbody>
              {services.map((it) => (
                <Endpoint key={it.type} service={it} />
              ))}
            </tbody>
          </table>
        </div>
      </CredentialSection>
      <CredentialSection title="Service extensions">
        {services.every((it) => it.extensions.length === 0) && (
          <Text size="sm" c="dimmed">
            No service of this region tells of extensions.
          </Text>
        )}
        {services
          .filter((it) => it.extensions.length > 0)
          .map((it) => (
            <div key={it.type}>
              <Fold label={`${it.name ?? it.type}: ${it.extensions.length} extensions`}>
                <div
                  className="table-box"
                  tabIndex={0}
                  role="region"
                  aria-label={`Extensions of ${it.name ?? it.type}`}
                  style={{ maxHeight: '24rem' }}
                >
                  <table>
                    <thead>
                      <tr>
                        <th scope="col">Alias</th>
                        <th scope="col">Name</th>
                      </tr>
                    </thead>
                    <tbody>
                      {it.extensions.map(({ alias, name }) => (
                        <tr key={alias}>
                          <td className="mono">{alias}</td>
                          <td title={name}>{name}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              </Fold>
            </div>
          ))}
      </CredentialSection>
    </Stack>
  );
}

function Endpoint({ service }: { service: RegionService }) {
  const { versions } = service;
  const current = currentOf(versions);
  return (
    <tr>
      <td>{service.name}</td>
      <td>{service.catalogType ?? service.type}</td>
      <td className="mono" title={service.url ?? undefined}>
        {service.url}
      </td>
      <td>
        {service.port}
        {service.isDefaultPort === false && ' (not the default)'}
      </td>
      <td title={versions.map((it) => `${it.id} ${it.status}`).join(', ')}>
        {service.error
          ? sentence(service.error)
          : [current?.id, versions.length > 1 && `and ${versions.length - 1} more`].filter(Boolean).join(' ')}
      </td>
      <td>
        {current?.minVersion && current.maxVersion ? `${current.minVersion} to ${current.maxVersion}` : '–'}
      </td>
    </tr>
  );
}

function currentOf(versions: ServiceVersion[]): ServiceVersion | undefined {
  return versions.find((it) => it.status.toUpperCase() === 'CURRENT') ?? versions.at(-1);
}

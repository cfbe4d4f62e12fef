import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { isVsphere } from '../../api/clouds';
import type { PortCheck } from '../../api/cloud-credentials';
import { useSession } from '../../api/session';
import { PortCheckForm } from '../../forms/port-check';
import { CredentialRole } from './CredentialRole';

/** The ports each service listens on unless somebody has changed it. */
const DEFAULT_PORTS = [
  ['Nova', 'compute', 8774],
  ['Keystone', 'identity', 5000],
  ['Neutron', 'network', 9696],
  ['Swift', 'object-store', 8080],
  ['Glance', 'image', 9292],
  ['Cinder', 'volumev3, block-storage, volumev2', 8776],
] as const;

type Props = { cloud: string; wanted: PortCheck; userName: string; setUrl: (url: string) => void };

/** What has to be ready on the cloud's side: open ports, a user with its privileges, a connection policy. */
export function BeforeYouBegin({ cloud, wanted, userName, setUrl }: Props) {
  const vsphere = isVsphere(cloud);
  return (
    <Stack gap="lg" pt="sm">
      <Part title="Ports">
        {vsphere ? (
          <Text size="sm">
            The control plane connects to each vCenter on TCP port 443, or the port in its URL. Managed
            machines connect to nothing.
          </Text>
        ) : (
          <>
            <Text size="sm">
              All TCP, and only from the control plane to OpenStack. Managed servers need none of these: they
              never receive cloud credentials. Your cloud may use other ports; its catalog tells. Once the
              credentials are saved, their tab Endpoints lists every one, with the firewall rules to copy.
            </Text>
            <DefaultPorts />
          </>
        )}
        <PortCheckForm
          wanted={wanted}
          setUrl={setUrl}
          placeholder={vsphere ? 'https://vcenter.example' : 'https://keystone.example:5000/v3'}
        />
      </Part>
      {vsphere && (
        <Part title="The user of the vCenter">
          <Text size="sm">
            Make a user for Stackyard alone, with a role that has the privileges of this script, on the root
            folder and propagating. With linked vCenters the same user and password work on all of them. The
            report of the checks then tells each privilege, what it is for, and what fails without it.
          </Text>
          <CredentialRole userName={userName} />
        </Part>
      )}
      <Part title="Instance connection policy">
        <Policy />
      </Part>
    </Stack>
  );
}

function DefaultPorts() {
  return (
    <div className="table-box" tabIndex={0} role="region" aria-label="Default ports">
      <table>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Type in the catalog</th>
            <th scope="col" className="number">
              Default port
            </th>
          </tr>
        </thead>
        <tbody>
          {DEFAULT_PORTS.map(([name, type, port]) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{type}</td>
              <td className="number">{port}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Configured on the server, where only global administrators look. */
function Policy() {
  const { isGlobalAdministrator } = useSession();
  return (
    <Text size="sm">
      Which address of a machine is connected to: <b>public</b> or <b>local</b> alone, or <b>auto</b> (the
      default), the public address where there is one and else the private one. It is configured on the
      server.{' '}
      {isGlobalAdministrator ? (
        <>
          <Anchor
            component={Link}
            to="/$scope/system"
            params={{ scope: 'global' } as never}
            search={{ tab: 'connection-policy' } as never}
            size="sm"
            underline="always"
          >
            System, Connection policy
          </Anchor>{' '}
          shows which one is in force, where it comes from, and how to change it.
        </>
      ) : (
        'A global administrator sees which one is in force at Scalr scope, under System. In the inventory each machine explains its address.'
      )}
    </Text>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Stack component="section" gap="sm" aria-label={title}>
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

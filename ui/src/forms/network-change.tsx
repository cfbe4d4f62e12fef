import { useForm } from '@mantine/form';

import { changeNetwork, type PrivateNetwork } from '../api/networks';
import { FormDialog } from '../parts/FormDialog';
import { NetworkFields } from './network-rules';
import { dnsOf, type NetworkValues, rulesOf, valuesOf, wrong } from './network-values';

type Props = { envId: number; network: PrivateNetwork; done: (changed: PrivateNetwork) => void };

/** Rules and DNS servers; the rest of a network stays as it was made. */
export function ChangeNetwork({ envId, network, done }: Props) {
  const form = useForm<NetworkValues>({ initialValues: valuesOf(network), validate: wrong });
  return (
    <FormDialog
      label="Edit rules and DNS"
      submit="Save"
      variant="default"
      dialogSize="lg"
      form={form}
      act={(values) =>
        changeNetwork(envId, network.id, { dnsServers: dnsOf(values), rules: rulesOf(values) })
      }
      done={done}
    >
      <NetworkFields form={form} />
    </FormDialog>
  );
}

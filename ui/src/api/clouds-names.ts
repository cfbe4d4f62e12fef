/** The distributions of OpenStack that the server knows, by what it calls them. */
export const OPENSTACK_PROVIDERS = [
  { value: 'openstack', label: 'OpenStack' },
  { value: 'ocs', label: 'Cloudscaling OCS' },
  { value: 'hpcloud', label: 'HP Helion' },
  { value: 'mirantis', label: 'Mirantis OpenStack' },
  { value: 'vio', label: 'VMware Integrated OpenStack' },
  { value: 'cisco', label: 'Cisco OpenStack' },
];
export const PROVIDERS = [...OPENSTACK_PROVIDERS, { value: 'vmware', label: 'VMware vSphere' }];

/** A cloud platform as people call it. */
export function cloudName(provider: string): string {
  return PROVIDERS.find((it) => it.value === provider)?.label ?? provider;
}

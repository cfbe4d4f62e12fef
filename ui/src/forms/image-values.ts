import { isVsphere } from '../api/clouds';
import type { Image } from '../api/images';
import type { Resource } from '../api/inventory';
import type { Os } from '../api/os';
import type { Scope } from '../api/scope';
import { text } from '../pages/inventory/attributes';

export const ARCHITECTURES = ['x86_64', 'i386', 'aarch64'];
const LONGEST_TEXT = 255;

export type ImageValues = {
  cloud: string;
  location: string;
  cloudImage: string;
  name: string;
  os: string;
  architecture: string;
  hasCloudInit: boolean;
  vcenter: string;
};

export const NEW_IMAGE: ImageValues = {
  cloud: '',
  location: '',
  cloudImage: '',
  name: '',
  os: '',
  architecture: 'x86_64',
  hasCloudInit: false,
  vcenter: '',
};

/** As they are on the page, so that the first wrong one is found. */
export const FIELDS: (keyof ImageValues)[] = [
  'cloud',
  'location',
  'vcenter',
  'cloudImage',
  'name',
  'os',
  'architecture',
];

/** What is wrong with it, by field. In an environment the name may be left to the cloud. */
export function wrong(values: ImageValues, scope: Scope): Partial<Record<keyof ImageValues, string>> {
  const found: Partial<Record<keyof ImageValues, string>> = {};
  const isTyped = scope.kind !== 'environment';
  if (!values.cloud) found.cloud = 'Choose a cloud.';
  if (!values.location.trim())
    found.location = isTyped ? 'Enter the id of the location.' : 'Choose a location.';
  if (!values.cloudImage.trim())
    found.cloudImage = isTyped ? 'Enter the id of the image in the cloud.' : 'Choose an image.';
  if (isTyped && !values.name.trim()) found.name = 'Give the image a name.';
  for (const field of ['location', 'cloudImage', 'name', 'vcenter'] as const)
    if ([...values[field].trim()].length > LONGEST_TEXT) found[field] = `At most ${LONGEST_TEXT} characters.`;
  if (!values.os) found.os = 'Choose an operating system.';
  return found;
}

export function bodyOf(values: ImageValues): Image {
  const body: Image = {
    cloudPlatform: values.cloud,
    cloudLocation: values.location.trim(),
    cloudImageId: values.cloudImage.trim(),
    architecture: values.architecture,
    os: { id: values.os },
    cloudInitInstalled: values.hasCloudInit,
  };
  if (values.name.trim()) body.name = values.name.trim();
  if (isVsphere(values.cloud) && values.vcenter.trim())
    body.cloudFeatures = { type: 'VmwareImageCloudFeatures', vCenterHost: values.vcenter.trim() };
  return body;
}

/** What the cloud itself says of its image; fields that it says nothing of are left out. */
export function toldBy(image: Resource, systems: Os[]): Partial<ImageValues> {
  const told: Partial<ImageValues> = {};
  const architecture = text(image, 'architecture');
  if (architecture && ARCHITECTURES.includes(architecture)) told.architecture = architecture;
  const distro = text(image, 'osDistro')?.toLowerCase();
  const version = text(image, 'osVersion');
  const os = systems.find(
    (it) => it.family === distro && [it.version, it.generation].includes(version ?? ''),
  );
  if (os) told.os = os.id;
  return told;
}

/** What becomes by itself of a volume or network that fails, by the class of its failure. */
export const BECOMES: Record<string, string> = {
  permanent: 'It stays so until something is changed.',
  capacity: 'There is no room at the moment; it is tried again by itself.',
  transient: 'It is tried again by itself.',
  unauthorized: 'Nothing is done until the cloud lets the credentials in.',
  missing: 'It was there, and two readings say that it is not, or not all of it. Nothing is done by itself.',
  failed: 'The cloud gave up on it. It stays until you delete it.',
};

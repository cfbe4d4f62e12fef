import { Text } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { When } from '../../parts/When';
import { CredentialSection } from './CredentialSection';

/** How often the stored secret was opened, for what and by whom. */
export function CredentialUses({ uses }: { uses: Schemas['LastUse'][] }) {
  const rows = uses.toSorted((a, b) => b.lastAt.localeCompare(a.lastAt));
  return (
    <CredentialSection title="Uses of the secret">
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          The stored secret was never opened.
        </Text>
      ) : (
        <div className="table-box" tabIndex={0} role="region" aria-label="Uses of the secret, last first">
          <table>
            <thead>
              <tr>
                <th scope="col">Purpose</th>
                <th scope="col">Requested by</th>
                <th scope="col" className="number">
                  Times
                </th>
                <th scope="col">Last</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((it) => (
                <tr key={`${it.purpose} ${it.requester}`}>
                  <td>{it.purpose}</td>
                  <td title={it.requester}>{it.requester}</td>
                  <td className="number">{it.count.toLocaleString('en')}</td>
                  <td>
                    <When at={it.lastAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </CredentialSection>
  );
}

import { Code, Text } from '@mantine/core';

import type { AuditEntry } from '../../api/audit';
import { differences } from './fields';

/** Longer values are folded, so that one long list does not hide the other fields. */
const LONG = 120;

/** The object before and after, field by field. The log has no secrets. */
export function Difference({ entry }: { entry: AuditEntry }) {
  const { before, after } = entry;
  if (!before && !after)
    return (
      <Text size="sm" c="dimmed">
        This action changes no fields of an object.
      </Text>
    );
  const changes = differences(before, after);
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No field differs. What is secret is not in the log.
      </Text>
    );
  return (
    <div className="table-box" tabIndex={0} role="region" aria-label="Fields before and after">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            {before && <th scope="col">Before</th>}
            {after && <th scope="col">After</th>}
          </tr>
        </thead>
        <tbody>
          {changes.map((it) => (
            <tr key={it.field}>
              <th scope="row" className="audit-field">
                {it.field}
              </th>
              {before && (
                <td className="audit-value">
                  <Value value={it.before} />
                </td>
              )}
              {after && (
                <td className="audit-value">
                  <Value value={it.after} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span>–</span>;
  const short = typeof value === 'string' ? value : JSON.stringify(value);
  if (short.length <= LONG) return <span className="mono">{short || '(empty)'}</span>;
  return (
    <details>
      <summary className="mono">{short.slice(0, LONG / 2)}…</summary>
      <Code block>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</Code>
    </details>
  );
}

import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleX, IconMinus } from '@tabler/icons-react';

import { sentence } from '../../api/client';
import type { Check } from '../../api/validations';
import { Copy } from '../../parts/Copy';
import { labelOf } from './checks';

const LOOK = {
  passed: { Icon: IconCheck, color: 'var(--report-passed)' },
  warning: { Icon: IconAlertTriangle, color: 'var(--report-warning)' },
  failed: { Icon: IconCircleX, color: 'var(--report-failed)' },
  skipped: { Icon: IconMinus, color: 'var(--mantine-color-dimmed)' },
} as const;

/** One check: what was looked at, what was seen, what to do, and how long it took. */
export function CheckRow({ check }: { check: Check }) {
  const label = labelOf(check);
  return (
    <li className="check">
      <StatusMark status={check.status} />
      <Text size="sm" fw={500} title={check.id} className="check-label">
        {label}
        {check.required && check.status === 'failed' && <span className="check-required"> (required)</span>}
      </Text>
      <div className="check-text">
        <Text size="sm">{check.detail}</Text>
        {check.remedy && (
          <Text size="sm">
            <b>Next: </b>
            {sentence(check.remedy)}
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed" className="check-time">
        {check.status === 'skipped' ? '' : `${check.elapsedMs} ms`}
      </Text>
      <Copy value={[check.detail, check.remedy].filter(Boolean).join('\n')} what={`what “${label}” says`} />
    </li>
  );
}

/** A sign of its own for each status, told by its name as well. */
export function StatusMark({ status }: { status: Check['status'] }) {
  const { Icon, color } = LOOK[status];
  return (
    <span title={status} className="check-mark">
      <Icon size={18} color={color} role="img" aria-label={status} />
    </span>
  );
}

import './report.css';

import { Group, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useId, useState } from 'react';

/** What may be long, behind a line that says what it is. Once somebody has opened or closed it, it stays so. */
export function Fold({
  label,
  isOpenAtFirst = false,
  children,
}: {
  label: ReactNode;
  isOpenAtFirst?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  const [chosen, choose] = useState<boolean>();
  const isOpen = chosen ?? isOpenAtFirst;
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <>
      <UnstyledButton
        className="fold"
        onClick={() => choose(!isOpen)}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
      >
        <Group gap={6} wrap="nowrap">
          <Icon size={16} aria-hidden />
          <Text size="sm" component="span">
            {label}
          </Text>
        </Group>
      </UnstyledButton>
      {isOpen && <div id={id}>{children}</div>}
    </>
  );
}

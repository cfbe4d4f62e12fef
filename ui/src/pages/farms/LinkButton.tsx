import { Button, type ButtonProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

type Props = ButtonProps & {
  /** Why it leads nowhere now. */
  refused: string | undefined;
  to: string;
  params: Record<string, string>;
  'aria-label'?: string;
  children: ReactNode;
};

/** A link that looks like a button; where it is refused, a button that says so. */
export function LinkButton({ refused, to, params, ...button }: Props) {
  if (refused) return <Button {...button} disabled title={refused} />;
  return <Button component={Link} to={to} params={params as never} {...button} />;
}

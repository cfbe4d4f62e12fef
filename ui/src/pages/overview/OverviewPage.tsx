import './overview.css';

import { useScope } from '../../api/scope';
import { AccountOverview } from './AccountOverview';
import { EnvironmentOverview } from './EnvironmentOverview';
import { GlobalOverview } from './GlobalOverview';

/** What is here, what does not work, and what to do next. */
export function OverviewPage() {
  const scope = useScope();
  if (scope.kind === 'global') return <GlobalOverview />;
  if (scope.kind === 'account') return <AccountOverview scope={scope} />;
  return <EnvironmentOverview envId={scope.id} />;
}

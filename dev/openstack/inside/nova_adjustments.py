"""Where Nova waits, or works, for the sake of clouds that are larger than this one."""

from nova.conductor import api as conductor
from nova.scheduler.client import report
from nova.servicegroup import api as servicegroup

# Before each build Nova asks Placement for the allocations of every server on the host, one by one, for the sake of
# its PCI devices. There are none here, and N servers would cost N * N requests.
report.SchedulerReportClient.get_allocations_for_provider_tree = lambda self, context, nodename: {}

# A host that is started together with the conductor would give it ten seconds to answer, and the first question is
# often lost.
conductor.API.wait_until_ready.__defaults__ = (1, 60)

# The first sign of life is what `up` waits for.
servicegroup.INITIAL_REPORTING_DELAY = 0

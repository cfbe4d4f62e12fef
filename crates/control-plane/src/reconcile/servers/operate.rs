//! Operations of one server: one at a time, the oldest first. What is under way goes on before anything else is done about
//! the server, but for its removal.

use std::{collections::BTreeMap, time::Duration};

use api_types::{farm_roles::FarmRole as Config, servers::Failure};
use cloud::{
    Cloud, CloudError, LocationId,
    inventory::PowerState,
    operation::{Operation, Progress, Target},
    server::{CloudServer, Mark},
};
use store::{
    Json, Time, Tx, assets, farm_roles,
    server_operations::{self, NewServerOperation, OperationStatus as O, ServerOperation},
    servers,
};
use uuid::Uuid;

use super::{LATER, LONG, Look, SOON, Stopped, failure};
use crate::{
    operations::{kind, words},
    sync::describe,
};

impl Look<'_> {
    /// One was begun, and what the machine looks like is its doing.
    pub(super) fn is_operated(&self) -> bool {
        self.operations.first().is_some_and(|it| it.status == O::Running)
    }

    /// The one to go on with now, for a server that needs nothing else.
    pub(super) fn next_operation(&self, machine: Option<&CloudServer>) -> Option<(ServerOperation, String)> {
        let machine = machine.filter(|it| it.power_state != PowerState::Unknown || self.is_operated())?;
        let operation = self.operations.first()?;
        // What is waited for may be there only when the operation is done: a floating IP.
        let is_time = self.is_operated() || self.is_settled() || self.seen.waiting.is_some();
        is_time.then(|| Some((operation.clone(), machine.cloud_id.clone()?))).flatten()
    }

    /// The row says that the cloud is asked before it is, so that what comes of it is looked for.
    pub(super) async fn operate(
        &mut self,
        cloud: &dyn Cloud,
        cloud_id: String,
        mut operation: ServerOperation,
    ) -> Result<Duration, Stopped> {
        let target = Target {
            location: LocationId(self.server.location_id.clone()),
            cloud_id,
            mark: Mark(self.server.id.parse::<Uuid>().map_err(anyhow::Error::from)?),
        };
        let id = operation.id.parse::<Uuid>().map_err(anyhow::Error::from)?;
        if operation.status == O::Pending {
            (operation.status, operation.started_at) = (O::Running, Some(self.now));
            self.noted.push(operation.clone());
            self.note().await?;
        }
        self.keep_lease().await?;
        let order = operation.cloud_order.as_ref().map(|it| it.0.clone());
        let limit = self.app.config().operation_limit;
        let is_late = operation.started_at.is_some_and(|it| it + limit <= self.now);
        let mut next = SOON;
        match cloud.operate(&target, id, &operation.operation, order.as_ref()).await {
            Ok(Progress::UnderWay(new)) => {
                let has_new_order = new.is_some() && new != order;
                if has_new_order {
                    operation.cloud_order = new.map(Json);
                }
                if is_late {
                    let status = self.seen.cloud_status.as_deref().unwrap_or("in an unknown state");
                    let said = format!("it is under way; the server is {status}");
                    self.end(operation, Some(failure::of_late_operation(limit, said)));
                    return Ok(self.write(next).await?);
                }
                if has_new_order {
                    self.noted.push(operation.clone());
                }
                if operation.started_at.is_some_and(|it| it + LONG <= self.now) {
                    next = LATER;
                }
            }
            Ok(Progress::Done(result)) => {
                operation.cloud_result = result;
                self.end(operation, None);
            }
            Ok(Progress::Failed { message }) => self.end(operation, Some(failure::of_operation(&message))),
            Err(err @ (CloudError::Conflict(_) | CloudError::Service { .. })) if is_late => {
                self.end(operation, Some(failure::of_late_operation(limit, describe(&err))));
            }
            // The cloud works on the server.
            Err(CloudError::Conflict(_)) => {}
            Err(
                err @ (CloudError::Refused(_)
                | CloudError::Unsupported(_)
                | CloudError::Forbidden(_)
                | CloudError::NotFound(_)
                | CloudError::QuotaExceeded(_)
                | CloudError::Invalid { .. }),
            ) => self.end(operation, Some(failure::of_refused_operation(&err))),
            Err(err) => return Err(err.into()),
        }
        self.seen.failure = None;
        self.seen.n_tries = 0;
        Ok(self.write(next).await?)
    }

    /// Whatever was asked for will not be done.
    pub(super) fn end_all(&mut self, failure: &Failure) {
        for operation in std::mem::take(&mut self.operations) {
            self.end(operation, Some(failure.clone()));
        }
    }

    /// The one that is under way, when the cloud gave up on the machine.
    pub(super) fn end_begun(&mut self, message: &str) {
        if self.is_operated() {
            let operation = self.operations.remove(0);
            self.end(operation, Some(failure::of_operation(message)));
        }
    }

    fn end(&mut self, mut operation: ServerOperation, failure: Option<Failure>) {
        let words = words(&operation.operation);
        let mut evidence = BTreeMap::from([("operation".to_owned(), operation.id.clone())]);
        if let Some(order) = &operation.cloud_order {
            evidence.insert("order".to_owned(), order.id.clone());
            evidence.extend(order.request_id.clone().map(|it| ("requestId".to_owned(), it)));
        }
        evidence.extend(operation.cloud_result.clone().map(|it| ("result".to_owned(), it)));
        operation.ended_at = Some(Time::now());
        match failure {
            None => {
                operation.status = O::Done;
                self.log(words.done, words.done_message.to_owned(), evidence);
            }
            Some(failure) => {
                operation.status = O::Failed;
                if !failure.evidence.is_empty() {
                    evidence.insert("cloud".to_owned(), failure.evidence.join("; "));
                }
                self.log(words.failed, failure.summary.clone(), evidence);
                operation.failure = serde_json::to_value(failure).ok().map(Json);
            }
        }
        // What a repetition of a launch or of its steps would compare with.
        if let (O::Done, Operation::Resize { size }, Some(spec)) =
            (operation.status, &operation.operation.0, &mut self.seen.spec)
        {
            spec.0.size = size.clone();
        }
        self.noted.push(operation);
    }

    pub(super) async fn write_operations(&mut self, tx: &mut Tx) -> anyhow::Result<()> {
        for operation in std::mem::take(&mut self.noted) {
            if !server_operations::record(tx, &operation).await? {
                anyhow::bail!("operation {} ended before", operation.id);
            }
            if let (O::Done, Some(id)) = (operation.status, &operation.instance_type_id) {
                servers::update_instance_type(tx, &self.server.id, id).await?;
            }
            if let (Operation::AttachVolume { volume } | Operation::DetachVolume { volume }, Some(now)) =
                (&operation.operation.0, operation.ended_at)
            {
                assets::look_at_part(tx, self.server.environment_id, volume, now).await?;
            }
        }
        Ok(())
    }

    /// What its farm role wants of a server once, when it runs for the first time.
    pub(super) async fn ask_at_first_run(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let Some(farm_role) = farm_roles::find(tx, self.server.farm_role_id).await? else { return Ok(()) };
        let config: Config = serde_json::from_value(farm_role.config.0).unwrap_or_default();
        let networks = config.networking.unwrap_or_default().networks;
        let pool = networks.into_iter().find_map(|it| it.cloud_features?.floating_ip_pool);
        let Some(pool) = pool else { return Ok(()) };
        let operation = Operation::AddFloatingIp { pool: pool.id };
        let new = NewServerOperation {
            id: Uuid::now_v7().to_string(),
            server_id: self.server.id.clone(),
            environment_id: self.server.environment_id,
            kind: kind(&operation).to_owned(),
            operation,
            instance_type_id: None,
            requested_by_id: self.server.launched_by_id,
            requested_by_email: self.server.launched_by_email.clone(),
        };
        let now = Time::now();
        server_operations::insert(tx, &new, now).await?;
        Ok(servers::look_now(tx, &self.server.id, now).await?)
    }
}

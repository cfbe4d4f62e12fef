//! How many clones are under way on one host: a vCenter does no more than so many at once, and keeps the others in a
//! queue of its own, where they cannot be told from slow ones.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use cloud::CloudError;
use uuid::Uuid;

use crate::{session::VCenter, tasks};

/// Full clones of one host
/// (<https://blogs.vmware.com/performance/2021/02/vcenter-limits-for-tasks-running-at-the-same-time.html>).
const AT_ONCE: usize = 4;

/// Those that were begun through one session. One whose answer was lost is not counted.
#[derive(Default)]
pub struct Clones(Mutex<Vec<Clone>>);

struct Clone {
    turn: Uuid,
    /// Once it has begun.
    task: Option<String>,
    /// MoRefs: that of the source, and the one it is made on where that is known before.
    hosts: BTreeSet<String>,
}

/// A place on each of its hosts: free again when it is dropped and nothing has begun, else with the end of the task.
pub struct Turn<'a> {
    clones: &'a Clones,
    id: Uuid,
}

/// The host, and what it is at.
struct Full {
    host: String,
    tasks: Vec<String>,
}

impl Clones {
    /// [`CloudError::HeldBack`] while one of the hosts has as many as it takes. The vCenter is asked whether they have ended
    /// before that is said.
    pub async fn turn(&self, vcenter: &VCenter, hosts: BTreeSet<String>) -> Result<Turn<'_>, CloudError> {
        let full = match self.take(&hosts) {
            Ok(turn) => return Ok(turn),
            Err(full) => full,
        };
        for task in tasks::ended(vcenter, &full.tasks).await? {
            self.ended(&task);
        }
        let why = |Full { host, .. }| {
            let VCenter { origin, .. } = vcenter;
            CloudError::HeldBack(format!("{AT_ONCE} clones are under way on {host}, and {origin} does no more at once"))
        };
        self.take(&hosts).map_err(why)
    }

    /// Free again.
    pub fn ended(&self, task: &str) {
        self.lock().retain(|it| it.task.as_deref() != Some(task));
    }

    fn take(&self, hosts: &BTreeSet<String>) -> Result<Turn<'_>, Full> {
        let mut all = self.lock();
        for host in hosts {
            let here: Vec<_> = all.iter().filter(|it| it.hosts.contains(host)).collect();
            if here.len() >= AT_ONCE {
                let tasks = here.iter().filter_map(|it| it.task.clone()).collect();
                return Err(Full { host: host.clone(), tasks });
            }
        }
        let id = Uuid::new_v4();
        all.push(Clone { turn: id, task: None, hosts: hosts.clone() });
        Ok(Turn { clones: self, id })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Clone>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    pub fn began(&self, task: &str) {
        let mut all = self.clones.lock();
        if let Some(clone) = all.iter_mut().find(|it| it.turn == self.id) {
            clone.task = Some(task.to_owned());
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.clones.lock().retain(|it| it.turn != self.id || it.task.is_some());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_takes_so_many_at_once() {
        let clones = Clones::default();
        let on = |hosts: &[&str]| clones.take(&hosts.iter().map(|it| (*it).to_owned()).collect());
        let turns: Vec<_> = (0..AT_ONCE).filter_map(|n| on(&["host-1", ["host-2", "host-3"][n % 2]]).ok()).collect();
        assert_eq!(turns.len(), AT_ONCE);
        turns[0].began("task-1");
        let full = on(&["host-1"]).err().unwrap();
        assert_eq!((full.host.as_str(), full.tasks), ("host-1", vec!["task-1".to_owned()]));
        assert!(on(&["host-2", "host-1"]).is_err());
        assert!(on(&["host-2"]).is_ok(), "that turn is given back at once");
        drop(turns);
        assert_eq!(clones.lock().len(), 1, "what has begun goes on");
        clones.ended("task-1");
        assert!(clones.lock().is_empty());
    }
}

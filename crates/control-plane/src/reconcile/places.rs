//! How much one control plane works on at once, and how much of that for one account.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Servers and assets.
const AT_ONCE: usize = 32;
/// Of one account, while others wait: more than half, so that only one account can have that many.
const SHARE: usize = 24;

pub struct Places {
    free: Arc<Semaphore>,
    /// By account.
    taken: Mutex<BTreeMap<i64, usize>>,
}

impl Default for Places {
    fn default() -> Self {
        Places { free: Arc::new(Semaphore::new(AT_ONCE)), taken: Mutex::default() }
    }
}

/// Free again when it is dropped.
pub struct Place {
    places: Arc<Places>,
    account_id: i64,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub fn n_free(&self) -> usize {
        self.free.available_permits()
    }

    /// Others go before it.
    pub fn account_at_share(&self) -> Option<i64> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().find(|(_, n)| **n >= SHARE).map(|(account_id, _)| *account_id)
    }

    /// Waits for one that is free.
    pub async fn take(self: &Arc<Self>, account_id: i64) -> Result<Place, AcquireError> {
        let permit = self.free.clone().acquire_owned().await?;
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner).entry(account_id).or_default() += 1;
        Ok(Place { places: self.clone(), account_id, _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = taken.get_mut(&self.account_id) {
            *n -= 1;
            if *n == 0 {
                taken.remove(&self.account_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_account_has_its_share_while_it_has_so_many() {
        let places = Arc::new(Places::default());
        let mut held = Vec::new();
        for n in 0..SHARE {
            assert_eq!(places.account_at_share(), None, "{n}");
            held.push(places.take(1).await.unwrap());
        }
        held.push(places.take(2).await.unwrap());
        assert_eq!((places.account_at_share(), places.n_free()), (Some(1), AT_ONCE - SHARE - 1));
        held.remove(0);
        assert_eq!(places.account_at_share(), None);
        held.clear();
        assert_eq!(places.n_free(), AT_ONCE);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}

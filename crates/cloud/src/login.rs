use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::OnceCell, time::Instant};

/// For this long a refused login is the answer to everybody who asks, without the secret being sent again: clouds
/// lock a user after some attempts (vCenter: five within three minutes, for five minutes). Each further refusal doubles
/// it.
pub const REFUSAL_KEPT: Duration = Duration::from_secs(5 * 60);
const REFUSAL_KEPT_AT_MOST: Duration = Duration::from_secs(3600);

/// The session of one credential at one cloud: made once for all who need it, renewed when it ends, and after
/// [`Logins::close`] never made again.
pub struct Logins<S, E> {
    state: Mutex<State<S, E>>,
    is_refusal: fn(&E) -> bool,
    /// What callers get after the end.
    closed: E,
}

struct State<S, E> {
    /// The login that is in use or under way. Everybody who needs one waits for the same.
    current: Arc<Attempt<S, E>>,
    /// The last refusal, until a login is accepted, and how long it is kept.
    refused: Option<(E, Duration)>,
    is_closed: bool,
}

type Attempt<S, E> = OnceCell<Ended<S, E>>;

struct Ended<S, E> {
    outcome: Result<Arc<S>, E>,
    /// Until when a failure is the answer to others.
    until: Instant,
}

impl<S, E: Clone> Logins<S, E> {
    /// `is_refusal` tells a refused secret from a cloud that could not answer, which may be asked again at once.
    pub fn new(is_refusal: fn(&E) -> bool, closed: E) -> Self {
        let state = State { current: Arc::default(), refused: None, is_closed: false };
        Logins { state: Mutex::new(state), is_refusal, closed }
    }

    /// The session, or the outcome of `log_in` where there is none. A failure is the answer to all who waited for it.
    pub async fn enter(&self, log_in: impl Future<Output = Result<S, E>>) -> Result<Arc<S>, E> {
        let attempt = self.attempt().ok_or_else(|| self.closed.clone())?;
        let log_in = async { self.ended(log_in.await.map(Arc::new)) };
        let outcome = attempt.get_or_init(|| log_in).await.outcome.clone();
        // Whoever closed in the meantime ends this session.
        if self.state().is_closed {
            return Err(self.closed.clone());
        }
        if outcome.as_ref().is_err_and(|err| !(self.is_refusal)(err)) {
            self.replace(|current| Arc::ptr_eq(current, &attempt));
        }
        outcome
    }

    /// The cloud ended this session: the next caller logs in. Nothing happens if somebody has since.
    pub fn forget(&self, ended: &Arc<S>) {
        self.replace(|current| match current.get() {
            Some(Ended { outcome: Ok(session), .. }) => Arc::ptr_eq(session, ended),
            _ => false,
        });
    }

    /// The refusal that is remembered, if there is one.
    pub fn refusal(&self) -> Option<E> {
        match self.attempt()?.get() {
            Some(Ended { outcome: Err(err), .. }) if (self.is_refusal)(err) => Some(err.clone()),
            _ => None,
        }
    }

    /// Why the last login was refused; `None` after one that was accepted.
    pub fn last_refusal(&self) -> Option<E> {
        self.state().refused.as_ref().map(|(err, _)| err.clone())
    }

    /// The next caller logs in, although a refusal is remembered. When that is refused too, it is kept for longer.
    pub fn try_again(&self) {
        self.replace(|current| matches!(current.get(), Some(Ended { outcome: Err(_), .. })));
    }

    /// The session, if there is one now.
    pub fn current(&self) -> Option<Arc<S>> {
        self.state().current.get().and_then(|it| it.outcome.as_ref().ok().cloned())
    }

    /// Lets nobody in any more, waits for a login that is under way, and returns the session that is to be ended.
    pub async fn close(&self) -> Option<Arc<S>> {
        let attempt = {
            let mut state = self.state();
            state.is_closed = true;
            state.current.clone()
        };
        let nobody = async { Ended { outcome: Err(self.closed.clone()), until: Instant::now() } };
        attempt.get_or_init(|| nobody).await.outcome.as_ref().ok().cloned()
    }

    fn ended(&self, outcome: Result<Arc<S>, E>) -> Ended<S, E> {
        let mut state = self.state();
        let mut until = Instant::now();
        match &outcome {
            Ok(_) => state.refused = None,
            Err(err) if (self.is_refusal)(err) => {
                let kept = state.refused.as_ref().map(|(_, kept)| (*kept * 2).min(REFUSAL_KEPT_AT_MOST));
                let kept = kept.unwrap_or(REFUSAL_KEPT);
                until += kept;
                state.refused = Some((err.clone(), kept));
            }
            Err(_) => {}
        }
        Ended { outcome, until }
    }

    /// `None` after the end.
    fn attempt(&self) -> Option<Arc<Attempt<S, E>>> {
        let mut state = self.state();
        if state.is_closed {
            return None;
        }
        if state.current.get().is_some_and(|it| it.outcome.is_err() && Instant::now() >= it.until) {
            state.current = Arc::default();
        }
        Some(state.current.clone())
    }

    fn replace(&self, is_it: impl FnOnce(&Arc<Attempt<S, E>>) -> bool) {
        let mut state = self.state();
        if !state.is_closed && is_it(&state.current) {
            state.current = Arc::default();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<S, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn logins() -> Logins<u8, &'static str> {
        Logins::new(|err| *err == "refused", "closed")
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_kept_for_a_while_and_another_failure_is_not() {
        let logins = logins();
        assert_eq!(logins.enter(async { Err("down") }).await, Err("down"));
        assert_eq!(logins.enter(async { Err("refused") }).await, Err("refused"));
        assert_eq!(logins.enter(async { Ok(1) }).await, Err("refused"));
        assert_eq!(logins.refusal(), Some("refused"));
        tokio::time::advance(REFUSAL_KEPT).await;
        assert_eq!(logins.refusal(), None);
        assert_eq!(logins.last_refusal(), Some("refused"));
        assert_eq!(logins.enter(async { Ok(1) }).await, Ok(Arc::new(1)));
        assert_eq!(logins.last_refusal(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn each_refusal_is_kept_longer_until_somebody_wants_another_try() {
        let logins = logins();
        for minutes in [5, 10, 20, 40, 60, 60] {
            assert_eq!(logins.enter(async { Err("refused") }).await, Err("refused"));
            tokio::time::advance(Duration::from_secs(60 * minutes - 1)).await;
            assert_eq!(logins.refusal(), Some("refused"), "{minutes}");
            tokio::time::advance(Duration::from_secs(1)).await;
            assert_eq!((logins.refusal(), logins.last_refusal()), (None, Some("refused")), "{minutes}");
        }
        assert_eq!(logins.enter(async { Err("refused") }).await, Err("refused"));
        logins.try_again();
        assert_eq!(logins.enter(async { Ok(1) }).await, Ok(Arc::new(1)));
    }

    #[tokio::test]
    async fn a_session_that_ended_is_made_again_once() {
        let logins = logins();
        let first = logins.enter(async { Ok(1) }).await.unwrap();
        assert_eq!(logins.enter(async { Ok(2) }).await, Ok(first.clone()));
        logins.forget(&first);
        let second = logins.enter(async { Ok(2) }).await.unwrap();
        logins.forget(&first);
        assert_eq!(logins.enter(async { Ok(3) }).await, Ok(second));
    }

    #[tokio::test]
    async fn after_the_end_nobody_gets_in() {
        let logins = logins();
        let session = logins.enter(async { Ok(1) }).await.unwrap();
        assert_eq!(logins.close().await, Some(session.clone()));
        logins.forget(&session);
        assert_eq!(logins.enter(async { Ok(2) }).await, Err("closed"));
        assert_eq!(super::tests::logins().close().await, None);
    }

    #[tokio::test]
    async fn the_end_waits_for_a_login_that_is_under_way() {
        let logins = Arc::new(logins());
        let (let_in, answer) = oneshot::channel();
        let (begun, has_begun) = oneshot::channel();
        let entering = tokio::spawn({
            let logins = logins.clone();
            async move {
                let log_in = async {
                    begun.send(()).unwrap();
                    answer.await.map_err(|_| "down")
                };
                logins.enter(log_in).await
            }
        });
        has_begun.await.unwrap();
        let closing = tokio::spawn({
            let logins = logins.clone();
            async move { logins.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closing.is_finished());
        let_in.send(7).unwrap();
        assert_eq!(closing.await.unwrap(), Some(Arc::new(7)), "it is there to be ended");
        assert_eq!(entering.await.unwrap(), Err("closed"), "and nobody may use it");
    }
}

//! Bodies that are sent on as they arrive.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

/// A body of a known length. What comes short of it, or beyond, breaks the request off.
pub(crate) struct Upload {
    pieces: BoxStream<'static, io::Result<Bytes>>,
    n_left: u64,
    pace: Pace,
}

/// When something was last sent, and why no more is.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Mutex<(Instant, Option<String>)>>);

impl Upload {
    pub(crate) fn new(n_bytes: u64, pieces: BoxStream<'static, io::Result<Bytes>>, pace: Pace) -> Self {
        Upload { pieces, n_left: n_bytes, pace }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // What was given before has been taken.
        self.pace.go_on();
        let piece = ready!(self.pieces.poll_next_unpin(cx));
        self.pace.go_on();
        let piece = match piece {
            Some(Ok(piece)) if piece.len() as u64 <= self.n_left => piece,
            Some(Ok(_)) => return self.broken("there are more bytes than announced"),
            Some(Err(err)) => return self.broken(&err.to_string()),
            None if self.n_left > 0 => return self.broken(&format!("{} of its bytes are missing", self.n_left)),
            None => return Poll::Ready(None),
        };
        self.n_left -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.n_left)
    }
}

impl Upload {
    fn broken(&self, why: &str) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.pace.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(why.to_owned());
        Poll::Ready(Some(Err(io::Error::other(why.to_owned()))))
    }
}

impl Pace {
    pub(crate) fn new() -> Self {
        Pace(Arc::new(Mutex::new((Instant::now(), None))))
    }

    pub(crate) fn go_on(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = Instant::now();
    }

    pub(crate) fn broken(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Ends when nothing was sent for so long.
    pub(crate) async fn silence(&self, limit: Duration) {
        loop {
            let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).0;
            if last.elapsed() >= limit {
                return;
            }
            sleep_until(last + limit).await;
        }
    }
}

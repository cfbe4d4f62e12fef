//! Lists that come page by page.

use async_stream::try_stream;
use futures_util::stream::Stream;
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    session::{Get, Session},
};

/// A cloud that never ends a list is not believed.
pub(crate) const MAX_PAGES: usize = 2000;

/// One page of a list, as a service answers it.
pub(crate) trait PageReply: DeserializeOwned + Send {
    type Item: Send;

    /// The items, and the marker of the next page unless this is the last.
    fn split(self) -> (Vec<Self::Item>, Option<String>);
}

/// `…_links` of Nova, Neutron and Cinder. The link itself is not followed, since it may name a host that only the
/// service knows; the marker is the id of the last item.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    rel: String,
}

impl Link {
    pub fn is_next(&self) -> bool {
        self.rel == "next"
    }
}

/// The marker of the next page, if `links` promise one.
pub(crate) fn marker<T>(links: &[Link], items: &[T], id: impl Fn(&T) -> &str) -> Option<String> {
    let has_next = links.iter().any(Link::is_next);
    items.last().filter(|_| has_next).map(|it| id(it).to_owned())
}

/// Reads a list to its end, `size` items a page (a cloud may give fewer).
pub(crate) fn pages<'a, P: PageReply + 'a>(
    session: &'a Session,
    call: Get<'a>,
    size: usize,
) -> impl Stream<Item = Result<Vec<P::Item>, Error>> + Send + 'a {
    try_stream! {
        let size = size.to_string();
        let mut marker: Option<String> = None;
        for n_pages in 0.. {
            let mut query = call.query.to_vec();
            query.push(("limit", &size));
            if let Some(marker) = &marker {
                query.push(("marker", marker));
            }
            let page: P = session.get(&Get { query: &query, ..call }).await?;
            let (items, next) = page.split();
            yield items;
            if next.is_none() {
                break;
            }
            if next == marker || n_pages >= MAX_PAGES {
                Err(Error::Unreadable {
                    endpoint: format!("the {} service", call.at.service.as_str()),
                    reason: format!("the list {} does not end", call.path),
                })?;
            }
            marker = next;
        }
    }
}

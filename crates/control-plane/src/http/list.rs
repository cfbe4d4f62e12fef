use std::collections::BTreeMap;

use api_types::envelope::Pagination;
use axum::extract::{FromRequestParts, OriginalUri};
use http::request::Parts;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use store::{List, Order, Select, Time};

use crate::http::{error::ApiError, route::Route};

const MAX_RESULTS: i64 = 100;
/// RFC 3986 §2.3: everything but unreserved characters is encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A column of a list by its name in the API.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    name: &'static str,
    column: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Number,
    Truth,
    /// Matches a part, whatever its case.
    Part,
}

impl Column {
    pub const fn text(name: &'static str, column: &'static str) -> Self {
        Column { name, column, kind: Kind::Text }
    }

    pub const fn number(name: &'static str, column: &'static str) -> Self {
        Column { name, column, kind: Kind::Number }
    }

    pub const fn truth(name: &'static str, column: &'static str) -> Self {
        Column { name, column, kind: Kind::Truth }
    }

    pub const fn part(name: &'static str, column: &'static str) -> Self {
        Column { name, column, kind: Kind::Part }
    }
}

/// The query of a list: page, filters, order, and how fresh. Checked against what the route allows.
#[derive(Debug, Clone)]
pub struct ListQuery {
    path: String,
    /// All but `pageNum`, for the links.
    pairs: Vec<(String, String)>,
    filters: BTreeMap<String, String>,
    order: Option<(String, Order)>,
    max_results: i64,
    page: i64,
    /// Seconds; `None`: as fresh as the cache is kept.
    pub max_age: Option<u64>,
}

impl ListQuery {
    /// The value of an exact filter.
    pub fn filter(&self, name: &str) -> Option<&str> {
        self.filters.get(name).map(String::as_str)
    }

    /// The value of a filter by time.
    pub fn moment(&self, name: &str) -> Result<Option<Time>, ApiError> {
        let Some(text) = self.filter(name) else { return Ok(None) };
        let moment: Result<Timestamp, _> = text.parse();
        let wrong = |_| ApiError::value(format!("{name} is no RFC 3339 time such as 2026-11-22T03:42:38Z"));
        Ok(Some(Time::from(moment.map_err(wrong)?)))
    }

    /// Filters by equality, order and page as a selection.
    pub fn select(&self, columns: &[Column]) -> Result<Select, ApiError> {
        let mut select = Select::new().limit(self.max_results).offset((self.page - 1) * self.max_results);
        for Column { name, column, kind } in columns {
            if let Some(value) = self.filters.get(*name) {
                select = match kind {
                    Kind::Text => select.eq(column, value.as_str()),
                    Kind::Number => {
                        let wrong = || ApiError::value(format!("{name} is a whole number"));
                        select.eq(column, value.parse::<i64>().map_err(|_| wrong())?)
                    }
                    Kind::Truth => {
                        let wrong = || ApiError::value(format!("{name} is true or false"));
                        select.eq(column, value.parse::<bool>().map_err(|_| wrong())?)
                    }
                    Kind::Part => select.contains(column, value),
                };
            }
            if let Some((sorted, order)) = &self.order
                && sorted == name
            {
                select = select.order_by(column, *order);
            }
        }
        Ok(select)
    }

    /// The page of a list that is short enough to be had as a whole.
    pub fn page_of<T>(&self, rows: Vec<T>) -> List<T> {
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let size = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
        let offset = size(self.max_results).saturating_mul(size(self.page - 1));
        List { rows: rows.into_iter().skip(offset).take(size(self.max_results)).collect(), total }
    }

    pub(super) fn links(&self, total: i64) -> Pagination {
        let last = ((total + self.max_results - 1) / self.max_results).max(1);
        if last == 1 && self.page == 1 {
            return Pagination::default();
        }
        let link = |page: i64| {
            let encode = |text: &str| percent_encode(text.as_bytes(), UNRESERVED).to_string();
            let mut query: Vec<String> =
                self.pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            query.push(format!("pageNum={page}"));
            format!("{}?{}", self.path, query.join("&"))
        };
        Pagination {
            first: Some(link(1)),
            last: Some(link(last)),
            prev: (self.page > 1).then(|| link((self.page - 1).min(last))),
            next: (self.page < last).then(|| link(self.page + 1)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, state).await;
        let route = parts.extensions.get::<&'static Route>().copied();
        let (filterable, sortable, takes_age) =
            route.map_or((&[][..], &[][..], false), |it| (it.filters, it.sorts, it.takes_age));
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let mut query = ListQuery {
            path: uri.path().to_owned(),
            pairs: pairs.iter().filter(|(name, _)| name != "pageNum").cloned().collect(),
            filters: BTreeMap::new(),
            order: None,
            max_results: MAX_RESULTS,
            page: 1,
            max_age: None,
        };
        for (name, value) in pairs {
            match name.as_str() {
                "maxResults" => query.max_results = number(&name, &value, 1..=MAX_RESULTS)?,
                "pageNum" => query.page = number(&name, &value, 1..=i64::MAX / MAX_RESULTS)?,
                "maxAge" if takes_age => {
                    query.max_age = Some(value.parse().map_err(|_| ApiError::value("maxAge is a number of seconds"))?);
                }
                "sort" if !sortable.is_empty() => {
                    let (column, order) = match value.strip_prefix('-') {
                        Some(column) => (column.to_owned(), Order::Descending),
                        None => (value.clone(), Order::Ascending),
                    };
                    if !sortable.contains(&column.as_str()) {
                        let allowed = sortable.join(", ");
                        return Err(ApiError::value(format!("cannot sort by {column:?}; choose one of {allowed}")));
                    }
                    query.order = Some((column, order));
                }
                _ if filterable.contains(&name.as_str()) => {
                    query.filters.insert(name, value);
                }
                _ => {
                    let allowed = filterable.join(", ");
                    let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed };
                    let message = format!("{name:?} is not a filter of this list; allowed are: {allowed}");
                    return Err(ApiError::structure(message));
                }
            }
        }
        Ok(query)
    }
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, ApiError> {
    let number = value.parse().ok().filter(|it| range.contains(it));
    let wrong = || format!("{name} is a whole number from {} to {}", range.start(), range.end());
    number.ok_or_else(|| ApiError::value(wrong()))
}

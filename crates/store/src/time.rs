use std::{fmt, ops::Add, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

/// A moment, stored as microseconds since 1970 in UTC. What is finer is lost when it is stored; the constructors here
/// make no finer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub Timestamp);

/// How far "last used" may be behind, so that reading does not write each time.
pub(crate) const TOUCH_EVERY: Duration = Duration::from_secs(60);

impl Time {
    pub fn now() -> Time {
        Time::from(Timestamp::now())
    }

    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Beyond jiff's range (year 9999): the nearest moment there is.
    pub fn from_micros(us: i64) -> Time {
        let nearest = if us < 0 { Timestamp::MIN } else { Timestamp::MAX };
        Time(Timestamp::from_microsecond(us).unwrap_or(nearest))
    }

    /// This long ago.
    pub fn before(self, ago: Duration) -> Time {
        Time::from_micros(self.as_micros().saturating_sub(micros(ago)))
    }

    /// True when a "last used" of this age should be written again (`touch`). Asked before a transaction that writes is
    /// opened.
    pub fn is_stale(last_used_at: Option<Time>, now: Time) -> bool {
        last_used_at.is_none_or(|it| it <= now.before(TOUCH_EVERY))
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, later: Duration) -> Time {
        Time::from_micros(self.as_micros().saturating_add(micros(later)))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Time {
        Time::from_micros(timestamp.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<DB: Database> Type<DB> for Time
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <i64 as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Time
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.as_micros().encode_by_ref(buf)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Time
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Time, BoxDynError> {
        Ok(Time(Timestamp::from_microsecond(i64::decode(value)?)?))
    }
}

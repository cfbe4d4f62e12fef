//! Shares, reservations and limits, as the API has them.

use api_types::server_operations::{CpuAllocation, MemoryAllocation, SetAllocation, Shares, SharesLevel};
use cloud::operation::{self, Allocation, Limit};

use super::error::{ApiError, ApiResult};

const MOST_SHARES: u32 = 1_000_000;
/// More than any machine has: MHz, or MiB.
const MOST: u64 = 1 << 40;
const UNLIMITED: i64 = -1;

/// Of CPU and memory.
pub fn read(it: SetAllocation) -> ApiResult<(Allocation, Allocation)> {
    let cpu = it.cpu.map_or(Ok(Allocation::default()), |it| {
        allocation("cpu", it.shares, ("reservationMhz", it.reservation_mhz), ("limitMhz", it.limit_mhz))
    })?;
    let memory = it.memory.map_or(Ok(Allocation::default()), |it| {
        allocation("memory", it.shares, ("reservationMib", it.reservation_mib), ("limitMib", it.limit_mib))
    })?;
    if cpu == Allocation::default() && memory == Allocation::default() {
        return Err(ApiError::value("nothing is to be set; give shares, a reservation or a limit of cpu or memory"));
    }
    Ok((cpu, memory))
}

fn allocation(
    of: &str,
    shares: Option<Shares>,
    (reservation_name, reservation): (&str, Option<u64>),
    (limit_name, limit): (&str, Option<i64>),
) -> ApiResult<Allocation> {
    let limit = match limit {
        None => None,
        Some(UNLIMITED) => Some(Limit::Unlimited),
        Some(it) => match u64::try_from(it) {
            Ok(it @ 1..=MOST) => Some(Limit::At(it)),
            _ => return Err(ApiError::value(format!("{of}.{limit_name} is 1 to {MOST}, or {UNLIMITED} for none"))),
        },
    };
    if reservation.is_some_and(|it| it > MOST) {
        return Err(ApiError::value(format!("{of}.{reservation_name} is at most {MOST}")));
    }
    if let (Some(reservation), Some(Limit::At(limit))) = (reservation, limit)
        && reservation > limit
    {
        return Err(ApiError::value(format!("{of}.{reservation_name} is more than {of}.{limit_name}")));
    }
    Ok(Allocation { shares: shares.map(|it| read_shares(of, &it)).transpose()?, reservation, limit })
}

fn read_shares(of: &str, it: &Shares) -> ApiResult<operation::Shares> {
    match (it.level, it.shares) {
        (SharesLevel::Low, None) => Ok(operation::Shares::Low),
        (SharesLevel::Normal, None) => Ok(operation::Shares::Normal),
        (SharesLevel::High, None) => Ok(operation::Shares::High),
        (SharesLevel::Custom, Some(shares @ 1..=MOST_SHARES)) => Ok(operation::Shares::Custom(shares)),
        (SharesLevel::Custom, _) => {
            Err(ApiError::value(format!("{of}.shares.shares is 1 to {MOST_SHARES} at the level custom")))
        }
        _ => Err(ApiError::value(format!("{of}.shares.shares belongs to the level custom alone"))),
    }
}

pub fn cpu(it: &Allocation) -> CpuAllocation {
    let Allocation { shares, reservation, limit } = *it;
    CpuAllocation { shares: shares.map(view), reservation_mhz: reservation, limit_mhz: limit.map(number) }
}

pub fn memory(it: &Allocation) -> MemoryAllocation {
    let Allocation { shares, reservation, limit } = *it;
    MemoryAllocation { shares: shares.map(view), reservation_mib: reservation, limit_mib: limit.map(number) }
}

fn view(shares: operation::Shares) -> Shares {
    let (level, shares) = match shares {
        operation::Shares::Low => (SharesLevel::Low, None),
        operation::Shares::Normal => (SharesLevel::Normal, None),
        operation::Shares::High => (SharesLevel::High, None),
        operation::Shares::Custom(shares) => (SharesLevel::Custom, Some(shares)),
    };
    Shares { level, shares }
}

fn number(limit: Limit) -> i64 {
    match limit {
        Limit::Unlimited => UNLIMITED,
        Limit::At(limit) => i64::try_from(limit).unwrap_or(i64::MAX),
    }
}

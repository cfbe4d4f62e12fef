//! What the kernel says of a running program.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result};

/// User and system time: fields 14 and 15 of proc_pid_stat(5), in ticks of 1/100 s.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    ticks(pid, [14, 15])
}

/// The same of the children of this program that have ended: fields 16 and 17.
pub fn cpu_seconds_of_children() -> Result<f64> {
    ticks(std::process::id(), [16, 17])
}

/// Of the calling thread: the first field of schedstat, in nanoseconds.
pub fn cpu_of_thread() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(stat.split(' ').next().context("an empty schedstat")?.parse()?))
}

/// Processes that are running or ready to, over the last minute: the first field of proc_loadavg(5).
pub fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn ticks(pid: u32, fields: [usize; 2]) -> Result<f64> {
    let stat = fs::read_to_string(of(pid, "stat"))?;
    // The second field is the name, in brackets, and may hold spaces.
    let rest: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let tick = |field: usize| -> Result<f64> { Ok(rest.get(field - 3).context("a short stat")?.parse()?) };
    Ok((tick(fields[0])? + tick(fields[1])?) / 100.0)
}

pub fn resident_mib(pid: u32) -> Result<u64> {
    memory_mib(pid, "VmRSS:")
}

pub fn peak_mib(pid: u32) -> Result<u64> {
    memory_mib(pid, "VmHWM:")
}

fn memory_mib(pid: u32, key: &str) -> Result<u64> {
    let status = fs::read_to_string(of(pid, "status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix(key)).with_context(|| format!("no {key}"))?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<u64>()? / 1024)
}

fn of(pid: u32, file: &str) -> std::path::PathBuf {
    Path::new("/proc").join(pid.to_string()).join(file)
}

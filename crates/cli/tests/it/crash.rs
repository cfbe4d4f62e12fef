//! The server is killed, and its calls to a cloud are lost, delayed, cut and refused, while a farm is launched,
//! suspended, resumed and terminated. What is wanted comes about, once, and nothing is left.

mod plan;
mod processes;
mod story;
mod tap;

use std::{
    env,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use plan::{Event, Plan, Seed};
use story::{LAUNCH, Phase, RESIZE, RESIZE_OFF, RESUME, SNAPSHOT, SUSPEND, Story, TERMINATE};

use crate::admin_backup::Postgres;

/// Goes round and round through `phases`, with the server killed one call later each time, until all take fewer calls.
fn at_each_call(event: Event, before: &[Phase], is_off: bool, phases: &[Phase]) {
    let mut story = Story::on_vcenter(None, 1);
    for phase in before {
        story.phase(*phase, Plan::new());
    }
    if is_off {
        story.power_off();
    }
    let mut n_kills = 0;
    for at in 1.. {
        let killed: usize = phases.iter().map(|it| story.phase(*it, Plan::from([(at, event)])).1).sum();
        n_kills += killed;
        if killed == 0 {
            break;
        }
    }
    assert!(n_kills > 5, "{n_kills} kills");
}

/// Six stories side by side, each with a server and a vCenter of its own: nearly all of their time is waiting.
#[test]
fn killed_at_each_call() {
    thread::scope(|scope| {
        for event in [Event::KillBefore, Event::KillAfter] {
            scope.spawn(move || at_each_call(event, &[], false, &[LAUNCH, TERMINATE]));
            scope.spawn(move || at_each_call(event, &[LAUNCH], false, &[SUSPEND, RESUME]));
            // A machine without hot add gets another size when it is off.
            scope.spawn(move || at_each_call(event, &[LAUNCH], true, &[RESIZE_OFF, SNAPSHOT]));
        }
    });
}

const ON_OPENSTACK: [Phase; 5] = [LAUNCH, RESIZE, SUSPEND, RESUME, TERMINATE];
const ON_VCENTER: [Phase; 4] = [LAUNCH, SUSPEND, RESUME, TERMINATE];

/// One life of a farm for each seed, some side by side, with what the seed makes of it. The events and kills of all.
fn lives(
    seeds: &[u64],
    n_at_once: usize,
    phases: &[Phase],
    begin: impl Fn(usize) -> Story + std::marker::Sync,
) -> (usize, usize) {
    let (next, events, kills) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let begin = &begin;
    thread::scope(|scope| {
        for n in 0..n_at_once.min(seeds.len()) {
            let (next, events, kills) = (&next, &events, &kills);
            scope.spawn(move || {
                let mut story = begin(n);
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let current = Current(*seed);
                    let mut plans = Seed::new(*seed);
                    for phase in phases {
                        let (n_events, n_kills) = story.phase(*phase, plans.plan(25));
                        events.fetch_add(n_events, Ordering::Relaxed);
                        kills.fetch_add(n_kills, Ordering::Relaxed);
                    }
                    std::mem::forget(current);
                }
            });
        }
    });
    (events.into_inner(), kills.into_inner())
}

/// Says the seed when its life panics.
struct Current(u64);

impl Drop for Current {
    fn drop(&mut self) {
        eprintln!("this was seed {0}; again: cargo xtask crash --seed {0}", self.0);
    }
}

#[test]
fn ten_seeds_on_openstack() {
    let seeds: Vec<u64> = (1..=10).collect();
    let (events, kills) = lives(&seeds, 3, &ON_OPENSTACK, |n| Story::on_openstack(None, 2, &farm(n)));
    assert!(events > 40 && kills > 10, "{events} events, {kills} kills");
}

#[test]
fn five_seeds_on_postgresql() {
    let seeds: Vec<u64> = (11..=15).collect();
    let (events, kills) = lives(&seeds, 2, &ON_VCENTER, |_| Story::on_vcenter(Some(Postgres::new()), 2));
    assert!(events > 20 && kills > 5, "{events} events, {kills} kills");
}

/// Of this run of the tests, in a cloud that others use too.
fn farm(n: usize) -> String {
    static RUN: AtomicU64 = AtomicU64::new(0);
    format!("crash-{}-{}-{n}", std::process::id(), RUN.fetch_add(1, Ordering::Relaxed))
}

/// `cargo xtask crash`: so many lives beginning with a seed, a third of each on OpenStack, on the simulator, and on the
/// simulator with PostgreSQL.
#[test]
#[ignore = "cargo xtask crash runs it"]
fn long() {
    let number = |name: &str| env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let (first, n_runs) = (number("STACKYARD_CRASH_SEED").unwrap_or(1), number("STACKYARD_CRASH_RUNS").unwrap_or(300));
    let of = |n: u64| -> Vec<u64> { (first..first + n_runs).filter(|it| it % 3 == n).collect() };
    thread::scope(|scope| {
        let say = |what: &str, n_lives: usize, (events, kills): (usize, usize)| {
            eprintln!("{what}: {n_lives} lives, {events} events, {kills} of them kills: as wanted, once, nothing left");
        };
        scope.spawn(move || {
            let it = of(0);
            say(
                "OpenStack, SQLite",
                it.len(),
                lives(&it, 3, &ON_OPENSTACK, |n| Story::on_openstack(None, 2, &farm(n))),
            );
        });
        scope.spawn(move || {
            let it = of(1);
            say("simulator, SQLite", it.len(), lives(&it, 3, &ON_VCENTER, |_| Story::on_vcenter(None, 2)));
        });
        scope.spawn(move || {
            let it = of(2);
            say(
                "simulator, PostgreSQL",
                it.len(),
                lives(&it, 3, &ON_VCENTER, |_| Story::on_vcenter(Some(Postgres::new()), 2)),
            );
        });
    });
}

//! Three servers on one database bring a farm up; one is killed, one is frozen and wakes when its work was done by another.

use std::{thread, time::Duration};

use super::{
    plan::{Event, Plan},
    story::Story,
};
use crate::admin_backup::Postgres;

const N_SERVERS: usize = 20;

#[test]
fn one_of_three_is_killed_and_one_is_frozen() {
    let mut story = Story::on_vcenter(Some(Postgres::new()), N_SERVERS);
    let (second, third) = (story.lab.beside(), story.lab.beside());
    // Slow enough for all three to have some of the work.
    let slowly = Event::Delay(Duration::from_millis(1500));
    story.tap.begin((1..=60).map(|n| (n, slowly)).collect::<Plan>(), 0);
    story.lab.run(&["farms", "launch", &story.farm]).ok();
    let holders = "SELECT count(DISTINCT lease_holder) FROM servers";
    until("all three work", || story.database.as_ref().unwrap().ask(holders) == "3");
    second.signal("-STOP");
    story.lab.signal("-9");
    story.lab = third;
    until("the third one has brought all up", || story.is_so("running"));
    story.check("running", "launch", &Plan::new());

    // It goes on where it was, with leases that others have had since.
    second.signal("-CONT");
    until("it answers", || second.run(&["farms", "list"]).code == 0);
    let wished = "SELECT count(*) FROM servers WHERE lease_holder IS NOT NULL OR look_at <= \
                  (extract(epoch FROM now()) * 1000000)::bigint";
    until("nobody has work", || story.database.as_ref().unwrap().ask(wished) == "0");
    story.check("running", "launch", &Plan::new());
    second.run(&["farms", "terminate", &story.farm]).ok();
    until("all are gone", || story.is_so("terminated"));
    story.check("terminated", "terminate", &Plan::new());
}

/// Within five minutes.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1500 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
    panic!("it never came about that {what}");
}

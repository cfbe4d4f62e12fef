use std::io::{BufRead, BufReader, Read};

use crate::support::Lab;

#[test]
fn changes_are_seen_as_they_happen() {
    let lab = Lab::start();
    let mut watching = lab.command(&["watch", "--count", "2", "-o", "json"]).spawn().unwrap();
    let mut notes = BufReader::new(watching.stderr.take().unwrap());
    let mut line = String::new();
    notes.read_line(&mut line).unwrap();
    assert_eq!(line, "following\n");
    lab.run(&["environments", "create", "Staging"]).ok();
    lab.run(&["environments", "delete", "Staging"]).ok();
    let mut seen = String::new();
    watching.stdout.take().unwrap().read_to_string(&mut seen).unwrap();
    assert!(watching.wait().unwrap().success());
    let seen: Vec<serde_json::Value> = seen.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let kinds: Vec<_> =
        seen.iter().map(|it| (it["event"].as_str().unwrap(), it["data"]["kind"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("environments", "create"), ("environments", "delete")]);
}

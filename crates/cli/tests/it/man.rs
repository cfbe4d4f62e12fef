use std::fs;

use crate::support::{PROGRAM, bare, finish};

#[test]
fn a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    let mut command = bare(PROGRAM);
    command.arg("man").arg(&pages);
    finish(command, None).ok().notes("man stackyard");
    let page = |name: &str| fs::read_to_string(pages.join(name)).unwrap();
    assert!(page("stackyard.1").contains(".TH stackyard 1"));
    let add = page("stackyard-credentials-add-openstack.1");
    assert!(add.contains("stackyard credentials add openstack \\-\\-name lab \\-\\-openrc"), "{add}");
    // What only a client can use is not in the page of what administers this machine.
    assert!(add.contains("server\\-fingerprint"), "{add}");
    assert!(!page("stackyard-admin-check.1").contains("server\\-fingerprint"));

    let mut command = bare(PROGRAM);
    command.arg("man");
    finish(command, None).ok().says(".TH stackyard 1");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = bare(PROGRAM);
    command.arg("man").arg(&file);
    finish(command, None).exits(1).notes("cannot make");
}

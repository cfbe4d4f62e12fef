use serde_json::json;
use store::{
    Order, Select,
    audit::{self, Bad, Fault, MacKey, NewEntry, Verified},
};

use crate::{
    seed::{at, seed},
    test_db::TestDb,
};

on_both_engines!(
    entries_are_listed,
    an_altered_entry_is_found,
    a_missing_entry_is_found,
    a_cut_off_tail_is_found,
    a_shortened_log_does_not_become_whole_by_going_on,
    an_emptied_log_is_found,
    a_long_log_is_verified_page_by_page
);

fn key() -> MacKey {
    MacKey::new(b"a secret of the installation")
}

fn entry(account_id: i64, action: &str) -> NewEntry {
    NewEntry {
        account_id,
        at: at(5),
        actor_kind: "user".to_owned(),
        actor_id: "1".to_owned(),
        actor_name: "ada@example.org".to_owned(),
        remote_addr: "192.0.2.1".to_owned(),
        action: action.to_owned(),
        object_type: "cloud-credentials".to_owned(),
        object_id: "aaaaaaaaaaaa".to_owned(),
        object_name: "nul\0 and \u{1f98a}".to_owned(),
        before: None,
        after: Some(json!({"name": "x", "nul": "\0", "n": 1.5})),
        request_id: "r-1".to_owned(),
        environment_id: None,
    }
}

async fn fill(test: &TestDb, account_id: i64, n_entries: i64) {
    let mut tx = test.db.write().await.unwrap();
    for seq in 1..=n_entries {
        assert_eq!(audit::record(&mut tx, &key(), &entry(account_id, "update")).await.unwrap(), seq);
    }
    tx.commit().await.unwrap();
}

async fn check(test: &TestDb, key: &MacKey, account_id: i64, count: i64, bad: Option<(i64, Fault)>) {
    let mut tx = test.db.read().await.unwrap();
    let first_bad = bad.map(|(seq, what)| Bad { seq, what });
    let verified = audit::verify(&mut tx, key, account_id).await.unwrap();
    assert_eq!(verified, Verified { ok: bad.is_none(), count, first_bad });
}

async fn entries_are_listed(test: &TestDb) {
    fill(test, 0, 2).await;
    let mut tx = test.db.write().await.unwrap();
    audit::record(&mut tx, &key(), &NewEntry { environment_id: Some(3), ..entry(1, "create") }).await.unwrap();
    audit::record(&mut tx, &key(), &entry(1, "delete")).await.unwrap();
    let newest_first = Select::new().eq("account_id", 1).order_by("seq", Order::Descending);
    let listed = audit::list(&mut tx, newest_first).await.unwrap();
    let actions: Vec<_> = listed.rows.iter().map(|it| (it.seq, it.action.as_str())).collect();
    assert_eq!(actions, [(2, "delete"), (1, "create")]);
    let first = listed.rows.last().unwrap();
    assert_eq!(first.after.as_ref().unwrap().0, json!({"name": "x", "nul": "\0", "n": 1.5}));
    assert_eq!((first.environment_id, first.object_name.as_str()), (Some(3), "nul\u{fffd} and \u{1f98a}"));
    assert_eq!(audit::head(&mut tx, 1).await.unwrap().unwrap().count, 2);
    assert_eq!(audit::head(&mut tx, 2).await.unwrap(), None);
    tx.commit().await.unwrap();
    check(test, &key(), 0, 2, None).await;
    check(test, &key(), 1, 2, None).await;
    check(test, &key(), 2, 0, None).await;
    check(test, &MacKey::new(b"another"), 0, 0, Some((1, Fault::Altered))).await;
}

async fn an_altered_entry_is_found(test: &TestDb) {
    fill(test, 1, 6).await;
    test.tamper("UPDATE audit SET actor_name = 'somebody else' WHERE seq = 4").await;
    check(test, &key(), 1, 3, Some((4, Fault::Altered))).await;
    test.tamper("UPDATE audit SET before = '{}', after = NULL WHERE seq = 3").await;
    check(test, &key(), 1, 2, Some((3, Fault::Altered))).await;
    // An entry of another account in the place of one's own.
    fill(test, 2, 2).await;
    test.tamper("DELETE FROM audit WHERE account_id = 1 AND seq = 2").await;
    test.tamper("UPDATE audit SET account_id = 1 WHERE account_id = 2 AND seq = 2").await;
    check(test, &key(), 1, 1, Some((2, Fault::Altered))).await;
}

async fn a_missing_entry_is_found(test: &TestDb) {
    fill(test, 1, 6).await;
    test.tamper("DELETE FROM audit WHERE seq = 3").await;
    check(test, &key(), 1, 2, Some((3, Fault::Missing))).await;
    // Closing the gap does not help.
    for seq in 4..=6 {
        test.tamper(&format!("UPDATE audit SET seq = {} WHERE seq = {seq}", seq - 1)).await;
    }
    check(test, &key(), 1, 2, Some((3, Fault::Altered))).await;
    fill(test, 2, 3).await;
    test.tamper("DELETE FROM audit WHERE account_id = 2 AND seq = 1").await;
    check(test, &key(), 2, 0, Some((1, Fault::Missing))).await;
}

async fn a_cut_off_tail_is_found(test: &TestDb) {
    fill(test, 1, 6).await;
    test.tamper("DELETE FROM audit WHERE seq > 4").await;
    check(test, &key(), 1, 4, Some((5, Fault::CutOff))).await;
    // Neither does it help to say that there were no more, with what is known of the last entry.
    test.tamper("UPDATE audit_heads SET count = 4, head_mac = (SELECT mac FROM audit WHERE seq = 4)").await;
    check(test, &key(), 1, 4, Some((5, Fault::CutOff))).await;
    test.tamper("DELETE FROM audit_heads").await;
    check(test, &key(), 1, 4, Some((5, Fault::CutOff))).await;
    // All of it.
    fill(test, 2, 1).await;
    test.tamper("DELETE FROM audit WHERE account_id = 2").await;
    check(test, &key(), 2, 0, Some((1, Fault::CutOff))).await;
    // The log goes on nevertheless, and the hole stays.
    let mut tx = test.db.write().await.unwrap();
    assert_eq!(audit::record(&mut tx, &key(), &entry(2, "update")).await.unwrap(), 2);
    tx.commit().await.unwrap();
    check(test, &key(), 2, 0, Some((1, Fault::Missing))).await;
}

async fn a_shortened_log_does_not_become_whole_by_going_on(test: &TestDb) {
    fill(test, 1, 6).await;
    test.tamper("DELETE FROM audit WHERE seq > 4").await;
    test.tamper("UPDATE audit_heads SET count = 4").await;
    check(test, &key(), 1, 4, Some((5, Fault::CutOff))).await;
    for seq in 5..=7 {
        let mut tx = test.db.write().await.unwrap();
        assert_eq!(audit::record(&mut tx, &key(), &entry(1, "update")).await.unwrap(), seq);
        tx.commit().await.unwrap();
        check(test, &key(), 1, 4, Some((5, Fault::Altered))).await;
    }
}

/// Entries, head and all.
async fn an_emptied_log_is_found(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let account_id = seed(&mut tx).await.account.id;
    let gone =
        NewEntry { object_type: "accounts".to_owned(), object_id: "77".to_owned(), ..entry(0, "accounts.delete") };
    audit::record(&mut tx, &key(), &gone).await.unwrap();
    for id in [account_id, 77] {
        audit::record(&mut tx, &key(), &entry(id, "begin")).await.unwrap();
    }
    assert_eq!(audit::accounts(&mut tx).await.unwrap(), [0, account_id, 77]);
    tx.commit().await.unwrap();
    for id in [account_id, 77, 0] {
        check(test, &key(), id, 1, None).await;
        test.tamper(&format!("DELETE FROM audit WHERE account_id = {id}")).await;
        test.tamper(&format!("DELETE FROM audit_heads WHERE account_id = {id}")).await;
        check(test, &key(), id, 0, Some((1, Fault::CutOff))).await;
    }
}

async fn a_long_log_is_verified_page_by_page(test: &TestDb) {
    fill(test, 1, 2_100).await;
    check(test, &key(), 1, 2_100, None).await;
    test.tamper("UPDATE audit SET at = at + 1 WHERE seq = 2001").await;
    check(test, &key(), 1, 2_000, Some((2_001, Fault::Altered))).await;
}

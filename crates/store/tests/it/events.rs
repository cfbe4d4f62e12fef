use serde_json::json;
use store::events::{self, Audience, NewEvent};

use crate::{seed::at, test_db::TestDb};

on_both_engines!(events_by_audience, no_number_is_seen_before_a_smaller_one);

fn event(account_id: Option<i64>, environment_id: Option<i64>, credential_id: Option<&str>, second: i64) -> NewEvent {
    NewEvent {
        account_id,
        environment_id,
        credential_id: credential_id.map(str::to_owned),
        topic: "machines".to_owned(),
        object_id: "vm-1".to_owned(),
        kind: "changed".to_owned(),
        body: json!({"powerState": "on"}),
        at: at(second),
    }
}

async fn events_by_audience(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    assert_eq!((events::oldest_seq(&mut tx).await.unwrap(), events::newest_seq(&mut tx).await.unwrap()), (None, 0));
    let new = [
        event(None, None, None, 1),
        event(Some(1), None, Some("a"), 2),
        event(Some(1), Some(7), None, 3),
        event(Some(2), Some(8), Some("b"), 4),
    ];
    for (seq, new) in (1..).zip(&new) {
        assert_eq!(events::insert(&mut tx, new).await.unwrap(), seq);
    }
    let credentials = ["a".to_owned(), "z".to_owned()];
    let cases = [
        (Audience::Everything, 0, vec![1, 2, 3, 4]),
        (Audience::Everything, 2, vec![3, 4]),
        (Audience::Account(1), 0, vec![1, 2, 3]),
        (Audience::Account(3), 0, vec![1]),
        (Audience::Environment { environment_id: 7, credential_ids: &[] }, 0, vec![3]),
        (Audience::Environment { environment_id: 7, credential_ids: &credentials }, 0, vec![2, 3]),
    ];
    for (audience, after, expected) in cases {
        let found = events::after(&mut tx, after, audience, 10).await.unwrap();
        let seqs: Vec<_> = found.iter().map(|it| it.seq).collect();
        assert_eq!(seqs, expected, "{audience:?}");
    }
    let first = events::after(&mut tx, 1, Audience::Everything, 1).await.unwrap();
    assert_eq!((first.len(), &first[0].body.0, first[0].at), (1, &json!({"powerState": "on"}), at(2)));
    assert_eq!(events::prune(&mut tx, at(3)).await.unwrap(), 2);
    assert_eq!((events::oldest_seq(&mut tx).await.unwrap(), events::newest_seq(&mut tx).await.unwrap()), (Some(3), 4));
}

async fn no_number_is_seen_before_a_smaller_one(test: &TestDb) {
    let mut first = test.db.write().await.unwrap();
    assert_eq!(events::insert(&mut first, &event(None, None, None, 1)).await.unwrap(), 1);
    let db = test.db.clone();
    let second = tokio::spawn(async move {
        let mut tx = db.write().await.unwrap();
        let seq = events::insert(&mut tx, &event(None, None, None, 2)).await.unwrap();
        tx.commit().await.unwrap();
        seq
    });
    let mut reader = test.db.read().await.unwrap();
    assert!(events::after(&mut reader, 0, Audience::Everything, 10).await.unwrap().is_empty());
    assert!(!second.is_finished());
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), 2);
}

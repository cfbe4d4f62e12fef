use store::{
    control_planes,
    validations::{self, Validation, ValidationStatus},
};

use crate::{seed::at, test_db::TestDb};

on_both_engines!(only_what_a_dead_one_ran_is_ended);

async fn only_what_a_dead_one_ran_is_ended(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    for (id, run_by) in [("alive", Some("a")), ("dead", Some("b")), ("stopped", Some("c")), ("before schema 2", None)] {
        let run = Validation {
            id: id.to_owned(),
            credential_id: None,
            account_id: None,
            requested_by: "ada@example.org".to_owned(),
            status: ValidationStatus::Running,
            started_at: at(0),
            ended_at: None,
            run_by: run_by.map(str::to_owned),
        };
        validations::insert(&mut tx, &run).await.unwrap();
    }
    for id in ["a", "b", "c"] {
        control_planes::beat(&mut tx, id, at(0)).await.unwrap();
    }
    control_planes::beat(&mut tx, "a", at(60)).await.unwrap();
    control_planes::delete(&mut tx, "c").await.unwrap();
    assert_eq!(control_planes::prune(&mut tx, at(60)).await.unwrap(), 1, "b alone is too old");
    assert_eq!(validations::abandon_orphans(&mut tx, at(61)).await.unwrap().len(), 3);
    for (id, status) in [
        ("alive", ValidationStatus::Running),
        ("dead", ValidationStatus::Failed),
        ("stopped", ValidationStatus::Failed),
        ("before schema 2", ValidationStatus::Failed),
    ] {
        assert_eq!(validations::get(&mut tx, id).await.unwrap().status, status, "{id}");
    }
    assert_eq!(control_planes::delete_all(&mut tx).await.unwrap(), 1);
    assert_eq!(validations::abandon_orphans(&mut tx, at(62)).await.unwrap().len(), 1);
}

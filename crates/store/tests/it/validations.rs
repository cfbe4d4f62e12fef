use serde_json::json;
use store::{
    DbError, cloud_credentials, control_planes,
    validations::{self, Validation, ValidationStatus},
};

use crate::{
    seed::{at, seed},
    test_db::TestDb,
};

on_both_engines!(a_run_and_its_checks, old_runs_are_pruned);

fn run(id: &str, credential_id: Option<&str>, second: i64) -> Validation {
    Validation {
        id: id.to_owned(),
        credential_id: credential_id.map(str::to_owned),
        account_id: Some(1),
        requested_by: "ada@example.org".to_owned(),
        status: ValidationStatus::Running,
        started_at: at(second),
        ended_at: None,
        run_by: Some("cp-1".to_owned()),
    }
}

async fn a_run_and_its_checks(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let credential_id = seed(&mut tx).await.credential.id;
    validations::insert(&mut tx, &run("v1", None, 1)).await.unwrap();
    for n in 1..=3 {
        assert_eq!(validations::add_check(&mut tx, "v1", &json!({"id": n})).await.unwrap(), n);
    }
    let rest = validations::checks(&mut tx, "v1", 1).await.unwrap();
    assert_eq!(
        rest.iter().map(|it| (it.seq, it.body.0.clone())).collect::<Vec<_>>(),
        [(2, json!({"id": 2})), (3, json!({"id": 3}))]
    );
    validations::end(&mut tx, "v1", ValidationStatus::Warning, at(2)).await.unwrap();
    validations::end(&mut tx, "v1", ValidationStatus::Passed, at(3)).await.unwrap();
    let ended = validations::get(&mut tx, "v1").await.unwrap();
    assert_eq!((ended.status, ended.ended_at), (ValidationStatus::Warning, Some(at(2))));
    assert_eq!(validations::list_of_credential(&mut tx, &credential_id).await.unwrap(), []);
    validations::update_credential(&mut tx, "v1", &credential_id).await.unwrap();
    assert_eq!(validations::list_of_credential(&mut tx, &credential_id).await.unwrap().len(), 1);

    validations::insert(&mut tx, &run("v2", Some(&credential_id), 5)).await.unwrap();
    assert_eq!(validations::count_running(&mut tx).await.unwrap(), 1);
    control_planes::beat(&mut tx, "cp-1", at(0)).await.unwrap();
    assert_eq!(validations::abandon_orphans(&mut tx, at(6)).await.unwrap(), []);
    control_planes::delete(&mut tx, "cp-1").await.unwrap();
    assert_eq!(validations::abandon_orphans(&mut tx, at(6)).await.unwrap().len(), 1);
    let abandoned = validations::get(&mut tx, "v2").await.unwrap();
    assert_eq!((abandoned.status, abandoned.ended_at), (ValidationStatus::Failed, Some(at(6))));
    cloud_credentials::delete(&mut tx, &credential_id).await.unwrap();
    let gone = validations::get(&mut tx, "v1").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "validation" })), "{gone:?}");
    assert_eq!(validations::checks(&mut tx, "v1", 0).await.unwrap(), []);
    let no_run = validations::add_check(&mut tx, "v1", &json!({})).await;
    assert!(matches!(no_run, Err(DbError::NotFound { what: "validation" })), "{no_run:?}");
}

async fn old_runs_are_pruned(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let credential_id = seed(&mut tx).await.credential.id;
    for n in 0..25 {
        let id = format!("v{n:02}");
        validations::insert(&mut tx, &run(&id, Some(&credential_id), n)).await.unwrap();
        if n != 1 {
            validations::end(&mut tx, &id, ValidationStatus::Passed, at(100)).await.unwrap();
        }
    }
    validations::insert(&mut tx, &run("unsaved", None, 0)).await.unwrap();
    assert_eq!(validations::prune(&mut tx, &credential_id).await.unwrap(), 4, "one of the five still runs");
    let left = validations::list_of_credential(&mut tx, &credential_id).await.unwrap();
    assert_eq!((left.len(), left[0].id.as_str(), left[20].id.as_str()), (21, "v24", "v01"));
    assert_eq!(validations::prune_unsaved(&mut tx, at(1)).await.unwrap(), 1);
    for n in 0..110 {
        let id = format!("d{n:03}");
        validations::insert(&mut tx, &run(&id, None, n)).await.unwrap();
        validations::insert(&mut tx, &run(&format!("r{n:03}"), Some(&credential_id), 1000 + n)).await.unwrap();
        if n > 0 {
            validations::end(&mut tx, &id, ValidationStatus::Failed, at(200)).await.unwrap();
        }
    }
    assert_eq!(validations::prune_drafts(&mut tx, None).await.unwrap(), 0, "of another account");
    assert_eq!(validations::prune_drafts(&mut tx, Some(1)).await.unwrap(), 59, "50 stay, and the one that runs");
    assert_eq!(validations::list_of_credential(&mut tx, &credential_id).await.unwrap().len(), 100);
}

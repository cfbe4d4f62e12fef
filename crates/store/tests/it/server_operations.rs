use cloud::{
    operation::Operation,
    server::{Order, Size},
};
use serde_json::json;
use store::{
    DbError, Json, Select, Tx,
    farms::{self, Farm, FarmStatus, LaunchOrder},
    server_operations::{self, NewServerOperation, OperationStatus},
    servers::{self, NewServer, Seen, Server, ServerStatus},
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(
    an_operation_is_kept_until_it_ends,
    an_ended_operation_stays_as_it_is,
    operations_go_with_their_server
);

async fn server(tx: &mut Tx, seed: &Seed) -> Server {
    let farm = Farm {
        id: 0,
        environment_id: seed.environment.id,
        name: "shop".to_owned(),
        description: String::new(),
        status: FarmStatus::Running,
        launch_order: LaunchOrder::Simultaneous,
        owner_id: seed.user.id,
        owner_email: seed.user.email.clone(),
        created_at: at(0),
        updated_at: at(0),
        locked: None,
        project_id: None,
    };
    let farm = farms::insert(tx, &farm).await.unwrap();
    let new = NewServer {
        id: "019a9f3e-7d2c-7000-8000-000000000001".to_owned(),
        environment_id: seed.environment.id,
        farm_id: farm.id,
        farm_role_id: 1,
        position: 1,
        platform: "openstack".to_owned(),
        location_id: "RegionOne".to_owned(),
        credential_id: seed.credential.id.clone(),
        instance_type_id: "small".to_owned(),
        launch_reason: String::new(),
        launched_by_id: seed.user.id,
        launched_by_email: seed.user.email.clone(),
    };
    servers::insert(tx, &new, at(0)).await.unwrap()
}

fn resize(server: &Server, n: i64) -> NewServerOperation {
    NewServerOperation {
        id: format!("019a9f3e-7d2c-7000-8000-{n:012}"),
        server_id: server.id.clone(),
        environment_id: server.environment_id,
        kind: "resize".to_owned(),
        operation: Operation::Resize { size: Size::Flavor("large".to_owned()) },
        instance_type_id: Some("large".to_owned()),
        requested_by_id: 1,
        requested_by_email: "ada@example.org".to_owned(),
    }
}

async fn an_operation_is_kept_until_it_ends(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let server = server(&mut tx, &seed).await;
    // The later one has the smaller id: what counts is when it was asked for.
    let second = server_operations::insert(&mut tx, &resize(&server, 1), at(20)).await.unwrap();
    let mut first = server_operations::insert(&mut tx, &resize(&server, 2), at(10)).await.unwrap();
    assert_eq!((first.status, &first.cloud_order), (OperationStatus::Pending, &None));
    let unfinished = server_operations::unfinished_of_server(&mut tx, &server.id).await.unwrap();
    assert_eq!(unfinished, [first.clone(), second.clone()]);
    let of_environment =
        async |tx: &mut Tx| server_operations::unfinished_of_environment(tx, seed.environment.id).await.unwrap();
    let pair = (server.id.clone(), first.operation.clone());
    assert_eq!(of_environment(&mut tx).await, [pair.clone(), pair.clone()]);

    assert_eq!(server_operations::last_end(&mut tx, &server.id).await.unwrap(), None);
    (first.status, first.started_at) = (OperationStatus::Running, Some(at(11)));
    first.cloud_order = Some(Json(Order::new("task-1".to_owned(), Some("req-1".to_owned()))));
    assert!(server_operations::record(&mut tx, &first).await.unwrap());
    assert_eq!(server_operations::find(&mut tx, &first.id).await.unwrap(), Some(first.clone()));
    (first.status, first.ended_at, first.cloud_result) = (OperationStatus::Done, Some(at(12)), Some("i-1".to_owned()));
    assert!(server_operations::record(&mut tx, &first).await.unwrap());
    assert_eq!(server_operations::last_end(&mut tx, &server.id).await.unwrap(), first.ended_at);
    servers::update_instance_type(&mut tx, &server.id, "large").await.unwrap();
    assert_eq!(servers::find(&mut tx, &server.id).await.unwrap().unwrap().instance_type_id, "large");
    assert_eq!(
        server_operations::unfinished_of_server(&mut tx, &server.id).await.unwrap(),
        std::slice::from_ref(&second)
    );
    assert_eq!(of_environment(&mut tx).await, [pair]);
    let newest = Select::new().eq("server_id", server.id.as_str()).order_by("created_at", store::Order::Descending);
    assert_eq!(server_operations::list(&mut tx, newest).await.unwrap().rows, [second, first]);
}

async fn an_ended_operation_stays_as_it_is(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let server = server(&mut tx, &seed).await;
    let mut operation = server_operations::insert(&mut tx, &resize(&server, 1), at(10)).await.unwrap();
    (operation.status, operation.ended_at) = (OperationStatus::Failed, Some(at(11)));
    operation.failure = Some(Json(json!({ "summary": "terminated" })));
    assert!(server_operations::record(&mut tx, &operation).await.unwrap());
    let late = server_operations::ServerOperation { status: OperationStatus::Done, ..operation.clone() };
    assert!(!server_operations::record(&mut tx, &late).await.unwrap());
    assert_eq!(server_operations::find(&mut tx, &operation.id).await.unwrap(), Some(operation));
    let nowhere = NewServerOperation { server_id: "none".to_owned(), ..resize(&server, 3) };
    let refused = server_operations::insert(&mut tx, &nowhere, at(10)).await;
    assert!(matches!(refused, Err(DbError::NotFound { .. })), "{refused:?}");
}

async fn operations_go_with_their_server(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let server = server(&mut tx, &seed).await;
    server_operations::insert(&mut tx, &resize(&server, 1), at(10)).await.unwrap();
    servers::take_due(&mut tx, "me", at(10), std::time::Duration::from_secs(90), 1, None).await.unwrap();
    let seen = Seen { status: ServerStatus::Terminated, terminated_at: Some(at(20)), ..server.seen.clone() };
    assert!(servers::record(&mut tx, &server.id, "me", &seen).await.unwrap());
    assert_eq!(servers::prune(&mut tx, at(30)).await.unwrap(), 1);
    let left = server_operations::list(&mut tx, Select::new()).await.unwrap();
    assert_eq!(left.rows, []);
}

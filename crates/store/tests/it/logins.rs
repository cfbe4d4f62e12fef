use store::{
    DbError, Json, Select, Status, Time,
    api_keys::{self, ApiKey},
    sessions::{self, Session},
    tokens::{self, Token},
    users,
};

use crate::{
    seed::{at, seed},
    test_db::TestDb,
};

on_both_engines!(sessions_of_a_user, api_keys_of_a_user, tokens_of_a_user);

fn session(n: u32, user_id: i64) -> Session {
    Session {
        id_hash: format!("hash {n}"),
        public_id: format!("public {n}"),
        user_id,
        csrf_hash: "csrf".to_owned(),
        created_at: at(0),
        last_used_at: at(i64::from(n)),
        expires_at: at(1000 + i64::from(n)),
        remote_addr: "::1".to_owned(),
        user_agent: "Mozilla/5.0 (\u{1f98a})".to_owned(),
    }
}

async fn sessions_of_a_user(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let user_id = seed(&mut tx).await.user.id;
    let (first, second, third) = (session(1, user_id), session(2, user_id), session(3, user_id));
    for it in [&first, &second, &third] {
        sessions::insert(&mut tx, it).await.unwrap();
    }
    assert_eq!(sessions::find_by_hash(&mut tx, "hash 1", at(1000)).await.unwrap(), Some(first.clone()));
    assert_eq!(sessions::find_by_hash(&mut tx, "hash 1", at(1001)).await.unwrap(), None, "expired");
    assert_eq!(sessions::get(&mut tx, "public 2").await.unwrap(), second);
    assert_eq!(sessions::list(&mut tx, user_id).await.unwrap(), [third.clone(), second.clone(), first.clone()]);

    sessions::touch(&mut tx, "hash 1", at(60)).await.unwrap();
    assert_eq!(sessions::get(&mut tx, "public 1").await.unwrap().last_used_at, at(1), "less than a minute ago");
    assert!(!Time::is_stale(Some(at(1)), at(60)));
    assert!(Time::is_stale(Some(at(1)), at(61)));
    sessions::touch(&mut tx, "hash 1", at(61)).await.unwrap();
    assert_eq!(sessions::get(&mut tx, "public 1").await.unwrap().last_used_at, at(61));

    assert_eq!(sessions::prune(&mut tx, at(1001)).await.unwrap(), 1);
    assert_eq!(sessions::delete_all(&mut tx, user_id, Some("public 3")).await.unwrap(), 1);
    assert_eq!(sessions::list(&mut tx, user_id).await.unwrap(), [third]);
    sessions::delete(&mut tx, "public 3").await.unwrap();
    let gone = sessions::delete(&mut tx, "public 3").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "session" })), "{gone:?}");
    sessions::insert(&mut tx, &first).await.unwrap();
    users::delete(&mut tx, user_id).await.unwrap();
    assert_eq!(sessions::list(&mut tx, user_id).await.unwrap(), []);
    let nobody = sessions::insert(&mut tx, &second).await;
    assert!(matches!(nobody, Err(DbError::NotFound { what: "user" })), "{nobody:?}");
}

async fn api_keys_of_a_user(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let user_id = seed(&mut tx).await.user.id;
    let mut key = ApiKey {
        id: "APIKTEST".to_owned(),
        user_id,
        name: "ci".to_owned(),
        status: Status::Active,
        created_at: at(0),
        last_used_at: None,
        expires_at: None,
    };
    api_keys::insert(&mut tx, &key).await.unwrap();
    assert_eq!(api_keys::get(&mut tx, "APIKTEST").await.unwrap(), key);
    assert_eq!(api_keys::find(&mut tx, "APIKOTHER").await.unwrap(), None);
    for (second, stored) in [(5, 5), (30, 5), (65, 65)] {
        api_keys::touch(&mut tx, "APIKTEST", at(second)).await.unwrap();
        assert_eq!(api_keys::get(&mut tx, "APIKTEST").await.unwrap().last_used_at, Some(at(stored)));
    }
    key = ApiKey { status: Status::Inactive, expires_at: Some(at(9)), last_used_at: Some(at(65)), ..key };
    api_keys::update(&mut tx, &key).await.unwrap();
    assert_eq!(api_keys::list(&mut tx, Select::new().eq("user_id", user_id)).await.unwrap().rows, [key]);
    api_keys::delete(&mut tx, "APIKTEST").await.unwrap();
    let gone = api_keys::get(&mut tx, "APIKTEST").await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "API key" })), "{gone:?}");
}

async fn tokens_of_a_user(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let token = Token {
        id: "t1".to_owned(),
        user_id: seed.user.id,
        name: "reader".to_owned(),
        hash: "0123".to_owned(),
        account_id: Some(seed.account.id),
        environment_id: Some(seed.environment.id),
        permissions: Some(Json(vec!["cloud-credentials:read".to_owned()])),
        created_at: at(0),
        expires_at: Some(at(10)),
        last_used_at: None,
    };
    tokens::insert(&mut tx, &token).await.unwrap();
    let all =
        Token { id: "t2".to_owned(), hash: "4567".to_owned(), permissions: None, expires_at: None, ..token.clone() };
    tokens::insert(&mut tx, &all).await.unwrap();
    assert_eq!(tokens::get(&mut tx, "t1").await.unwrap(), token);
    assert_eq!(tokens::find_by_hash(&mut tx, "0123", at(9)).await.unwrap(), Some(token.clone()));
    assert_eq!(tokens::find_by_hash(&mut tx, "0123", at(10)).await.unwrap(), None, "expired");
    assert_eq!(tokens::find_by_hash(&mut tx, "4567", at(1 << 30)).await.unwrap(), Some(all.clone()));
    tokens::touch(&mut tx, "t2", at(50)).await.unwrap();
    tokens::touch(&mut tx, "t2", at(51)).await.unwrap();
    assert_eq!(tokens::get(&mut tx, "t2").await.unwrap().last_used_at, Some(at(50)));
    assert_eq!(tokens::list(&mut tx, Select::new().eq("user_id", seed.user.id)).await.unwrap().total, 2);
    tokens::delete(&mut tx, "t2").await.unwrap();
    let same = tokens::insert(&mut tx, &Token { id: "t3".to_owned(), ..token }).await;
    assert!(matches!(same, Err(DbError::Duplicate { what: "token" })), "{same:?}");
}

use store::{
    DbError, Json, Owner, Select, Tx, accounts, environments, images, images::Image, role_categories, role_images,
    roles, roles::Role,
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(
    images_of_each_scope,
    the_last_use_of_an_image,
    roles_with_images,
    a_scope_takes_what_it_owns_with_it,
    categories
);

const INSTALLATION: Owner = Owner { account_id: None, environment_id: None };

fn account(seed: &Seed) -> Owner {
    Owner { account_id: Some(seed.account.id), environment_id: None }
}

fn environment(seed: &Seed) -> Owner {
    Owner { environment_id: Some(seed.environment.id), ..account(seed) }
}

fn image(n: u32, owner: Owner, location_id: &str) -> Image {
    Image {
        id: format!("00000000-0000-4000-8000-{n:012}"),
        owner,
        name: format!("image {n}"),
        platform: "openstack".to_owned(),
        location_id: location_id.to_owned(),
        cloud_image_id: format!("cloud image {n}"),
        architecture: "x86_64".to_owned(),
        os_id: "debian-12".to_owned(),
        size_gib: Some(3),
        vcenter: None,
        has_cloud_init: true,
        has_agent: false,
        deprecated: false,
        created_at: at(0),
        last_used_at: None,
    }
}

async fn role(tx: &mut Tx, owner: Owner, name: &str) -> Role {
    let new = Role {
        id: 0,
        owner,
        name: name.to_owned(),
        category_id: 1,
        os_id: "debian-12".to_owned(),
        description: String::new(),
        tags: Json(vec!["a".to_owned(), "b".to_owned()]),
        builtin_automation: Json(vec![]),
        deprecated_at: None,
        deprecation_message: None,
        replacement_id: None,
    };
    roles::insert(tx, &new).await.unwrap()
}

async fn images_of_each_scope(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let second = environments::insert(&mut tx, seed.account.id, "Second", at(0)).await.unwrap();
    let second = Owner { environment_id: Some(second.id), ..account(&seed) };
    let owners = [INSTALLATION, account(&seed), environment(&seed), second];
    let all: Vec<Image> = (1..).zip(owners).map(|(n, owner)| image(n, owner, "R1")).collect();
    for it in &all {
        images::insert(&mut tx, it).await.unwrap();
    }
    for (here, seen) in [
        (INSTALLATION, &[0][..]),
        (account(&seed), &[0, 1]),
        (environment(&seed), &[0, 1, 2]),
        (second, &[0, 1, 3]),
        (Owner { account_id: Some(999), environment_id: None }, &[0]),
    ] {
        let expected: Vec<Image> = seen.iter().map(|n| all[*n].clone()).collect();
        assert_eq!(images::list(&mut tx, here, Select::new()).await.unwrap().rows, expected, "{here:?}");
    }
    let mut changed = all[2].clone();
    (changed.name, changed.deprecated, changed.owner) = ("other".to_owned(), true, account(&seed));
    images::update(&mut tx, &changed).await.unwrap();
    assert_eq!(images::find(&mut tx, &changed.id).await.unwrap(), Some(changed.clone()));
    images::delete(&mut tx, &changed.id).await.unwrap();
    assert_eq!(images::find(&mut tx, &changed.id).await.unwrap(), None);
    let same = Image { id: "another".to_owned(), ..all[0].clone() };
    let twice = images::insert(&mut tx, &same).await;
    assert!(matches!(twice, Err(DbError::Duplicate { what: "image" })), "{twice:?}");
}

async fn the_last_use_of_an_image(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let (used, other) = (image(1, INSTALLATION, "R1"), image(2, INSTALLATION, "R1"));
    for it in [&used, &other] {
        images::insert(&mut tx, it).await.unwrap();
    }
    // Servers of it may be launched by several control planes, and the later one be written first.
    for (now, expected) in [(5, 5), (9, 9), (7, 9)] {
        images::record_use(&mut tx, &used.id, at(now)).await.unwrap();
        let found = images::find(&mut tx, &used.id).await.unwrap().unwrap();
        assert_eq!(found.last_used_at, Some(at(expected)));
    }
    assert_eq!(images::find(&mut tx, &other.id).await.unwrap(), Some(other));
}

async fn roles_with_images(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let (first, second) = (image(1, INSTALLATION, "R1"), image(2, environment(&seed), "R2"));
    for it in [&first, &second] {
        images::insert(&mut tx, it).await.unwrap();
    }
    let old = role(&mut tx, environment(&seed), "old").await;
    let new = role(&mut tx, account(&seed), "new").await;
    assert_eq!((old.id, new.id), (1, 2));
    for it in [&second, &first] {
        role_images::insert(&mut tx, old.id, it).await.unwrap();
    }
    role_images::insert(&mut tx, new.id, &first).await.unwrap();
    assert_eq!(role_images::list_images(&mut tx, old.id).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(role_images::find(&mut tx, old.id, "openstack", "R2").await.unwrap(), Some(second.clone()));
    assert_eq!(role_images::find(&mut tx, old.id, "vmware", "R2").await.unwrap(), None);
    assert_eq!(role_images::find(&mut tx, new.id, "openstack", "R2").await.unwrap(), None);
    assert_eq!(role_images::list_roles(&mut tx, &first.id).await.unwrap(), [old.clone(), new.clone()]);
    assert_eq!(roles::list(&mut tx, account(&seed), Select::new()).await.unwrap().rows, std::slice::from_ref(&new));

    let mut changed = old.clone();
    changed.name = "older".to_owned();
    changed.owner = account(&seed);
    changed.tags = Json(vec![]);
    (changed.deprecated_at, changed.deprecation_message) = (Some(at(5)), Some("no more".to_owned()));
    changed.replacement_id = Some(new.id);
    roles::update(&mut tx, &changed).await.unwrap();
    assert_eq!(roles::find(&mut tx, old.id).await.unwrap(), Some(changed.clone()));
    roles::delete(&mut tx, new.id).await.unwrap();
    changed.replacement_id = None;
    assert_eq!(roles::find(&mut tx, old.id).await.unwrap(), Some(changed));
    role_images::delete(&mut tx, old.id, &second.id).await.unwrap();
    images::delete(&mut tx, &second.id).await.unwrap();
    let twice = role_images::insert(&mut tx, old.id, &Image { id: "x".to_owned(), ..first.clone() }).await;
    assert!(matches!(twice, Err(DbError::Duplicate { what: "role image" })), "{twice:?}");
    drop(tx);
}

async fn a_scope_takes_what_it_owns_with_it(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let other = accounts::insert(&mut tx, "Other", at(0)).await.unwrap();
    let of_other = Owner { account_id: Some(other.id), environment_id: None };
    let own = image(1, environment(&seed), "R1");
    let mut roles = Vec::new();
    for (image, owner) in [(&own, environment(&seed)), (&image(2, of_other, "R1"), of_other)] {
        images::insert(&mut tx, image).await.unwrap();
        let category = role_categories::insert(&mut tx, owner, "own").await.unwrap();
        let mut role = role(&mut tx, owner, "own").await;
        role.category_id = category.id;
        roles::update(&mut tx, &role).await.unwrap();
        role_images::insert(&mut tx, role.id, image).await.unwrap();
        roles.push(role.id);
    }
    tx.commit().await.unwrap();

    let mut tx = test.db.write().await.unwrap();
    let used = images::delete(&mut tx, &own.id).await;
    assert!(matches!(used, Err(DbError::InUse { what: "image" })), "{used:?}");
    drop(tx);
    let mut tx = test.db.write().await.unwrap();
    environments::delete(&mut tx, seed.environment.id).await.unwrap();
    accounts::delete(&mut tx, other.id).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = test.db.read().await.unwrap();
    for id in roles {
        assert_eq!(roles::find(&mut tx, id).await.unwrap(), None);
    }
    assert_eq!(images::find(&mut tx, &own.id).await.unwrap(), None);
}

async fn categories(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let born = role_categories::list(&mut tx, INSTALLATION, Select::new()).await.unwrap().rows;
    assert_eq!((born.len(), born[0].name.as_str(), born[7].name.as_str()), (8, "Base", "Mixed"));
    let mut own = role_categories::insert(&mut tx, environment(&seed), "Own").await.unwrap();
    assert_eq!(own.id, 9);
    own.name = "Ours".to_owned();
    role_categories::update(&mut tx, &own).await.unwrap();
    assert_eq!(role_categories::find(&mut tx, 9).await.unwrap(), Some(own));
    role_categories::delete(&mut tx, 9).await.unwrap();
    role(&mut tx, INSTALLATION, "based").await;
    let used = role_categories::delete(&mut tx, 1).await;
    assert!(matches!(used, Err(DbError::InUse { what: "role category" })), "{used:?}");
}

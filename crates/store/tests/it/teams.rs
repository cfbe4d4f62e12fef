use std::collections::BTreeMap;

use store::{
    DbError, Json, Select, Tx,
    acl_roles::{self, AclRole, BaseRole},
    environment_teams::{self, EnvironmentTeam},
    environments,
    grants::{self, Grant},
    team_members::{self, TeamMember},
    teams::{self, NewTeam, Team},
};

use crate::{
    seed::{Seed, at, seed},
    test_db::TestDb,
};

on_both_engines!(roles_and_teams, grants_of_a_user);

async fn role(tx: &mut Tx, seed: &Seed, id: &str, name: &str, base_role: BaseRole) -> AclRole {
    let permissions = Json(BTreeMap::from([("cloud-credentials:manage".to_owned(), false)]));
    let role =
        AclRole { id: id.repeat(20), account_id: seed.account.id, name: name.to_owned(), base_role, permissions };
    acl_roles::insert(tx, &role).await.unwrap();
    role
}

async fn team(tx: &mut Tx, seed: &Seed, name: &str, role: &AclRole) -> Team {
    let new = NewTeam {
        account_id: seed.account.id,
        name: name.to_owned(),
        description: String::new(),
        default_acl_role_id: role.id.clone(),
    };
    teams::insert(tx, &new).await.unwrap()
}

async fn roles_and_teams(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let mut full = role(&mut tx, &seed, "a", "Full", BaseRole::FullAccess).await;
    let none = role(&mut tx, &seed, "b", "None", BaseRole::NoAccess).await;
    full.permissions = Json(BTreeMap::new());
    full.base_role = BaseRole::ReadOnly;
    acl_roles::update(&mut tx, &full).await.unwrap();
    assert_eq!(acl_roles::get(&mut tx, &full.id).await.unwrap(), full);
    assert_eq!(
        acl_roles::list(&mut tx, Select::new().eq("name", "None")).await.unwrap().rows,
        std::slice::from_ref(&none)
    );

    let mut team = team(&mut tx, &seed, "Operators", &full).await;
    team.description = "on call".to_owned();
    teams::update(&mut tx, &team).await.unwrap();
    assert_eq!(teams::get(&mut tx, team.id).await.unwrap(), team);
    assert_eq!(teams::list(&mut tx, Select::new()).await.unwrap().rows, [team.clone()]);

    let member = TeamMember { team_id: team.id, user_id: seed.user.id, acl_role_id: None };
    team_members::put(&mut tx, &member).await.unwrap();
    let member = TeamMember { acl_role_id: Some(none.id.clone()), ..member };
    team_members::put(&mut tx, &member).await.unwrap();
    assert_eq!(team_members::list_of_team(&mut tx, team.id).await.unwrap(), std::slice::from_ref(&member));
    let link = EnvironmentTeam { environment_id: seed.environment.id, team_id: team.id, acl_role_id: None };
    environment_teams::put(&mut tx, &link).await.unwrap();
    assert_eq!(
        environment_teams::list_of_environment(&mut tx, seed.environment.id).await.unwrap(),
        std::slice::from_ref(&link)
    );
    assert_eq!(environment_teams::list_of_team(&mut tx, team.id).await.unwrap(), [link]);
    tx.commit().await.unwrap();

    for id in [&full.id, &none.id] {
        let mut tx = test.db.write().await.unwrap();
        let used = acl_roles::delete(&mut tx, id).await;
        assert!(matches!(used, Err(DbError::InUse { what: "ACL role" })), "{used:?}");
    }
    let mut tx = test.db.write().await.unwrap();
    team_members::delete(&mut tx, team.id, seed.user.id).await.unwrap();
    environment_teams::delete(&mut tx, seed.environment.id, team.id).await.unwrap();
    teams::delete(&mut tx, team.id).await.unwrap();
    acl_roles::delete(&mut tx, &full.id).await.unwrap();
    let gone = teams::get(&mut tx, team.id).await;
    assert!(matches!(gone, Err(DbError::NotFound { what: "team" })), "{gone:?}");
}

async fn grants_of_a_user(test: &TestDb) {
    let mut tx = test.db.write().await.unwrap();
    let seed = seed(&mut tx).await;
    let second = environments::insert(&mut tx, seed.account.id, "Second", at(0)).await.unwrap();
    let default = role(&mut tx, &seed, "a", "Default", BaseRole::ReadOnly).await;
    let here = role(&mut tx, &seed, "b", "Here", BaseRole::FullAccess).await;
    let own = role(&mut tx, &seed, "c", "Own", BaseRole::NoAccess).await;
    let team = team(&mut tx, &seed, "Operators", &default).await;
    let user_id = seed.user.id;
    assert_eq!(grants::of_user(&mut tx, user_id).await.unwrap(), []);

    let member = TeamMember { team_id: team.id, user_id, acl_role_id: None };
    team_members::put(&mut tx, &member).await.unwrap();
    for (environment_id, acl_role_id) in [(seed.environment.id, None), (second.id, Some(here.id.clone()))] {
        let link = EnvironmentTeam { environment_id, team_id: team.id, acl_role_id };
        environment_teams::put(&mut tx, &link).await.unwrap();
    }
    let grant = |environment_id: Option<i64>, role: &AclRole| Grant {
        account_id: seed.account.id,
        environment_id,
        team_id: team.id,
        team_name: "Operators".to_owned(),
        acl_role_id: role.id.clone(),
        acl_role_name: role.name.clone(),
        base_role: role.base_role,
        permissions: role.permissions.clone(),
    };
    let by_default = [grant(None, &default), grant(Some(seed.environment.id), &default), grant(Some(second.id), &here)];
    assert_eq!(grants::of_user(&mut tx, user_id).await.unwrap(), by_default);

    team_members::put(&mut tx, &TeamMember { acl_role_id: Some(own.id.clone()), ..member }).await.unwrap();
    let by_member = [grant(None, &own), grant(Some(seed.environment.id), &own), grant(Some(second.id), &own)];
    assert_eq!(grants::of_user(&mut tx, user_id).await.unwrap(), by_member);
}

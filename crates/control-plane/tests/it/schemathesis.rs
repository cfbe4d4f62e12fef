//! Generated requests against every operation of the document: none may make the server fail.

use std::{path::PathBuf, process::Command};

use serde_json::json;

use crate::support::TestServer;

#[tokio::test(flavor = "multi_thread")]
async fn no_generated_request_makes_the_server_fail() {
    let program = std::env::var_os("STACKYARD_TEST_SCHEMATHESIS");
    let program =
        PathBuf::from(program.expect("STACKYARD_TEST_SCHEMATHESIS is not set; `cargo xtask test` installs it"));
    let server = TestServer::start().await;
    let made = server.post("/profile/tokens/", json!({ "name": "schemathesis" })).await.data(201);
    let token = made["token"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .arg("run")
        .arg(format!("{}/api/openapi.json", server.url))
        .args(["--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"])
        // One worker and no coverage phase: with them version 4.32.5 breaks in its own generator now and then.
        .args(["--phases", "fuzzing", "--max-examples", "8", "--workers", "1", "--seed", "7", "--no-color"])
        .args(["--suppress-health-check", "all"])
        // Streams never end, and the last key of this user and the token that asks must stay.
        .args(["--exclude-path-regex", "/stream/|/profile/|/users/|/session/|check-ports"])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .current_dir(folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
}

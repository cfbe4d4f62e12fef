use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use cloud_vsphere::{ScriptKind, privileges::ALL, role_script};

const HOSTILE: &str = "CORP\\O'Brien $(touch pwned) `x` \"y\" ; & é";

/// Runs the script with a govc that writes down how it was called.
#[test]
fn the_shell_script_calls_govc_with_exactly_these_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let check = |knows_role: bool, verb: &str| {
        let log = folder.path().join(format!("{verb}.log"));
        let govc = folder.path().join("govc");
        let status = u8::from(!knows_role);
        let text = format!(
            "#!/bin/sh\n[ \"$1\" = role.ls ] && exit {status}\nfor it in \"$@\"; do printf '%s\\n' \"$it\"; done >>{}\n",
            log.display()
        );
        fs::write(&govc, text).unwrap();
        fs::set_permissions(&govc, fs::Permissions::from_mode(0o755)).unwrap();
        let script = folder.path().join("script.sh");
        fs::write(&script, role_script(ScriptKind::Govc, HOSTILE, "Stack'yard")).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let status = Command::new("sh").arg(&script).env("PATH", path).current_dir(&folder).status().unwrap();
        assert!(status.success());
        let called = fs::read_to_string(log).unwrap();
        let mut expected = vec![verb, "Stack'yard"];
        expected.extend(ALL.iter().map(|it| it.id));
        expected.extend(["permissions.set", "-principal", HOSTILE, "-role", "Stack'yard", "-propagate=true", "/"]);
        assert_eq!(called.lines().collect::<Vec<_>>(), expected);
        assert!(!folder.path().join("pwned").exists());
    };
    check(false, "role.create");
    check(true, "role.update");
}

#[test]
fn the_powershell_script_quotes_names_and_holds_every_privilege() {
    let script = role_script(ScriptKind::PowerCli, "O'Brien@vsphere.local", "Stack'yard");
    for privilege in ALL {
        assert!(script.contains(&format!("  '{}'", privilege.id)), "{}", privilege.id);
    }
    assert!(script.contains("-Principal 'vsphere.local\\O''Brien'"), "{script}");
    assert!(script.contains("-Name 'Stack''yard'"), "{script}");
    assert!(script.contains("-Propagate:$true"), "{script}");
}

use crate::support::Lab;

#[test]
fn each_exit_code_means_one_thing() {
    let mut lab = Lab::start();
    lab.run(&["environments", "list"]).exits(0);
    lab.run(&["environments", "create", "Default"]).exits(1).notes("UnicityViolation").notes("request ");
    lab.run(&["environments", "list", "--filter", "colour=red"]).exits(1).notes("InvalidStructure");
    lab.run(&["environments", "show", "4711"]).exits(3).notes("ObjectNotFound");
    lab.run(&["environments", "show", "nosuch"]).exits(3).notes("there is no environment \"nosuch\"");
    lab.run(&["environments", "list", "--account", "4711"]).exits(3);
    for wrong in [
        &["environments"][..],
        &["environments", "lst"],
        &["environments", "list", "--nosuch"],
        &["environments", "list", "--filter", "name"],
        &["environments", "create"],
        &["environments", "list", "-o", "xml"],
        &["environments", "list", "--url", "ftp://a"],
        &["environments", "list", "--context", "nosuch"],
        &["machines", "address", "a", "--port", "99999"],
        // Would be another path.
        &["tokens", "delete", ".."],
    ] {
        let ran = lab.run(wrong);
        assert_eq!(ran.code, 2, "{wrong:?} {ran:?}");
        assert!(!ran.stderr.is_empty(), "{wrong:?}");
    }
    let wrong_key = [("STACKYARD_API_KEY_ID", "APIKNOSUCH"), ("STACKYARD_API_SECRET_KEY", "wrong")];
    lab.run_with(&["environments", "list", "--account", "1"], &wrong_key, None).exits(4).notes("BadAuthentication");
    lab.run_with(&["environments", "list"], &[("STACKYARD_TOKEN", "syt_nosuch")], None).exits(4);
    lab.stop();
    lab.run(&["environments", "list"]).exits(5).notes("cannot reach http://127.0.0.1:");
}

/// A web server, but not ours.
#[test]
fn another_kind_of_server_is_unreachable() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let body = "<html>502</html>";
            let answer = format!("HTTP/1.1 502 Bad Gateway\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut command = crate::support::bare(crate::support::PROGRAM);
        command.args(["accounts", "list", "--url", &url]).env("STACKYARD_TOKEN", "t").env("HOME", home.path());
        crate::support::finish(command, None).exits(5).notes("502");
    }
    serving.join().unwrap();
}

#[test]
fn help_and_completion_go_to_standard_output() {
    let run = |arguments: &[&str]| {
        let mut command = crate::support::bare(crate::support::PROGRAM);
        command.args(arguments);
        crate::support::finish(command, None)
    };
    run(&["--help"]).ok().says("Exit codes").says("credentials");
    run(&["--version"]).ok().says(env!("CARGO_PKG_VERSION"));
    run(&["credentials", "add", "openstack", "--help"]).ok().says("Examples:").says("--clouds-yaml");
    for shell in ["bash", "zsh", "fish"] {
        run(&["completion", shell]).ok().says("role-script");
    }
}

/// A secret on the command line would be in everybody's process list and in the shell's history.
#[test]
fn no_secret_is_taken_from_the_command_line() {
    let lab = Lab::start();
    for flag in ["--password", "--secret", "--api-secret-key", "--application-credential-secret"] {
        let add =
            ["credentials", "add", "vsphere", "--name", "a", "--url", "https://vc", "--user", "u", flag, "s3cret-word"];
        lab.run(&add).exits(2).hides("s3cret-word");
        lab.run(&["users", "create", "a@b.example", flag, "s3cret-word"]).exits(2).hides("s3cret-word");
        lab.run(&["context", "add", "a", "--url", "http://a", flag, "s3cret-word"]).exits(2).hides("s3cret-word");
    }
    lab.run(&["login", "--url", &lab.url, "--token", "s3cret-word"]).exits(2);
    // Nobody is there to be asked.
    let add = ["credentials", "add", "vsphere", "--name", "a", "--url", "https://vc.example", "--user", "u"];
    lab.run(&add).exits(2).notes("--password-stdin");
}

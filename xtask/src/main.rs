//! `cargo xtask`: sets up, tests and shows Stackyard. Each command installs what is missing.
#![allow(clippy::print_stdout, reason = "a program for people")]

mod bench;
mod clouds;
mod console;
mod crash;
mod demo;
mod kept;
mod packages;
mod postgres;
mod run;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  demo [--cloud openstack|vsphere] [--keep-clouds]
        Starts third-party clouds and the server on loopback, connects both, and shows what is found.
        Stays until Ctrl-C, which stops everything. --keep-clouds leaves the clouds running, OpenStack and vCenters;
        the next demo uses them, and stops them at its end unless it is told to keep them, too.
  test [FILTER…]
        Sets everything up and runs every check and test. FILTERs go to cargo nextest, and leave out the other checks.
  bench [--no-build] [--servers N] [NAME…]
        Measures against the budgets, side by side with what they are compared to. NAMEs are start, vcenter, memory,
        openstack, live, managed, lists, servers, client, console, launch, launch-openstack; without any, all. --servers is
        the size of the farms that are launched, by default 200. STACKYARD_BENCH_OPENSTACK=FOLDER keeps the filled OpenStack there.
  crash [--runs N] [--seed N]
        Farms live and die while the server is killed and its calls to clouds are lost, cut, delayed and refused, as seeds
        say: by default 30 lives from seed 1 on, a third each on OpenStack, on the simulator, and there with PostgreSQL.
        A life that does not end as wanted says its seed; --seed N alone has that one again.
  console
        Builds the web console into ui/dist, where something has changed.
  openapi
        Writes docs/openapi.json anew.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((command, rest)) if command == "demo" => demo::run(rest),
        Some((command, rest)) if command == "test" => test::run(rest),
        Some((command, rest)) if command == "bench" => bench::run(rest),
        Some((command, rest)) if command == "crash" => crash::run(rest),
        Some((command, [])) if command == "console" => console::build(),
        Some((command, [])) if command == "openapi" => test::write_openapi(),
        Some((command, [])) if matches!(command.as_str(), "help" | "--help" | "-h") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("\nerror: {err:#}");
            ExitCode::FAILURE
        }
    }
}

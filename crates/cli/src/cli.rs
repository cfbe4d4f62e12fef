//! The command line as a whole.

use std::ffi::OsString;

use anyhow::Context;
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind, parser::ValueSource};
use clap_complete::Shell;

use crate::{
    accounts, acl_roles, admin, api_keys,
    app::App,
    audit, cloud_events, cloud_logs, cloud_tasks, clouds, contexts, cost_centers, credentials, datastore_files,
    environments,
    failure::{Failure, Outcome},
    farm_roles, farms, floating_ips, folders, help, images, instance_types, inventory, login, logout, machines, man,
    os, output, permissions, private_networks, profile, projects, resource_pools, role_categories, roles, search,
    security_groups, server, servers, sessions,
    settings::Flags,
    sizes, system, teams, tokens, users, volumes, watch,
};

const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 not found, 4 no access, 5 unreachable.

Examples:
  stackyard server
  stackyard login --url http://127.0.0.1:7780 --from-file /var/lib/stackyard/initial-admin.json
  stackyard credentials add openstack --name lab --clouds-yaml clouds.yaml --cloud lab
  stackyard clouds link openstack lab
  stackyard machines list --cloud openstack -o json";

/// Run clouds side by side: the server, its administration, and the client of its API.
#[derive(Debug, Parser)]
#[command(name = "stackyard", version, after_long_help = EXIT_CODES, max_term_width = 120)]
#[command(subcommand_required = true, arg_required_else_help = true, infer_long_args = false)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the control plane
    #[command(after_long_help = server::EXAMPLES)]
    Server(server::ServerArgs),
    /// Administer the server on its own machine
    Admin(admin::AdminArgs),
    /// Print a completion script
    #[command(after_long_help = "Examples:
  stackyard completion bash > /etc/bash_completion.d/stackyard
  stackyard completion zsh > ~/.zfunc/_stackyard")]
    Completion { shell: Shell },
    /// Print the manual page, or write a page for each command
    #[command(after_long_help = man::EXAMPLES)]
    Man(man::ManArgs),
    /// Log in to a server and remember it
    #[command(after_long_help = login::EXAMPLES)]
    Login(login::LoginArgs),
    /// Revoke the token of a context, by default the current one, and forget the context
    #[command(after_long_help = logout::EXAMPLES)]
    Logout,
    /// Servers to work with
    #[command(subcommand)]
    Context(contexts::Command),
    /// Endpoint, identity and secret of clouds
    Credentials(credentials::Credentials),
    /// Environments: where farms live
    #[command(subcommand)]
    Environments(environments::Command),
    /// Clouds of an environment
    #[command(subcommand)]
    Clouds(clouds::Command),
    /// What may be launched in a location
    #[command(subcommand)]
    InstanceTypes(instance_types::Command),
    /// vSphere sizes, defined for the whole installation
    #[command(subcommand)]
    Sizes(sizes::Command),
    /// Machines found in the clouds, managed or not
    #[command(subcommand)]
    Machines(machines::Command),
    #[command(flatten)]
    Inventory(inventory::Command),
    /// Folders of machines in vCenters
    #[command(subcommand)]
    Folders(folders::Command),
    /// Resource pools of vCenters
    #[command(subcommand)]
    ResourcePools(resource_pools::Command),
    /// What vCenters say came to pass in them
    #[command(subcommand)]
    CloudEvents(cloud_events::Command),
    /// What vCenters do, whoever asked for it
    #[command(subcommand)]
    CloudTasks(cloud_tasks::Command),
    /// Files on the datastores of vCenters
    #[command(subcommand)]
    DatastoreFiles(datastore_files::Command),
    /// Logs that vCenters and hosts keep of themselves
    #[command(subcommand)]
    CloudLogs(cloud_logs::Command),
    /// Images and templates that are registered to launch from
    #[command(subcommand)]
    Images(images::Command),
    /// Kinds of servers: an operating system, with an image for each place
    #[command(subcommand)]
    Roles(roles::Command),
    /// What roles are sorted by
    #[command(subcommand)]
    RoleCategories(role_categories::Command),
    /// Operating systems that images and roles can have
    #[command(subcommand)]
    Os(os::Command),
    /// What is to run: applications
    #[command(subcommand)]
    Farms(farms::Command),
    /// The tiers of a farm, each a role on a cloud
    #[command(subcommand)]
    FarmRoles(farm_roles::Command),
    /// What farms are for, each of a cost center
    #[command(subcommand)]
    Projects(projects::Command),
    /// Whom what is used is charged to
    #[command(subcommand)]
    CostCenters(cost_centers::Command),
    /// Machines of farms
    #[command(subcommand)]
    Servers(servers::Command),
    /// Volumes that servers can have (OpenStack)
    #[command(subcommand)]
    Volumes(volumes::Command),
    /// Networks with subnet, security group and router, made as one (OpenStack)
    #[command(subcommand)]
    PrivateNetworks(private_networks::Command),
    /// Who may send to servers, by protocol, port and address (OpenStack)
    #[command(subcommand)]
    SecurityGroups(security_groups::Command),
    /// Addresses of external networks that stay when servers go (OpenStack)
    #[command(subcommand)]
    FloatingIps(floating_ips::Command),
    /// Business units
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// People who log in
    Users(users::Users),
    /// Users who get access to environments together
    #[command(subcommand)]
    Teams(teams::Command),
    /// Named sets of permissions
    #[command(subcommand)]
    AclRoles(acl_roles::Command),
    /// Key pairs that sign requests
    #[command(subcommand)]
    ApiKeys(api_keys::Command),
    /// Bearer tokens
    #[command(subcommand)]
    Tokens(tokens::Command),
    /// Logins of the console
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// Oneself
    #[command(subcommand)]
    Profile(profile::Command),
    /// Who did what
    #[command(subcommand)]
    Audit(audit::Command),
    /// Find something by name, id or address
    #[command(after_long_help = search::EXAMPLES)]
    Search(search::SearchArgs),
    /// How the installation is
    #[command(after_long_help = system::EXAMPLES)]
    System,
    /// Permissions there are, and who has them
    #[command(subcommand)]
    Permissions(permissions::Command),
    /// Follow changes as they happen
    #[command(after_long_help = watch::EXAMPLES)]
    Watch(watch::WatchArgs),
}

/// Commands of this machine, which ask no server of the API.
const LOCAL: [&str; 4] = ["server", "admin", "completion", "man"];
/// Flags that say which server to ask, as whom and where.
const OF_CLIENT: [&str; 6] =
    ["server", "account", "environment", "context", "server_ca_certificate", "server_fingerprint"];

/// The command line with `--url` for the server on every command but those where it is a cloud's, and without the
/// flags of the client in the help of commands that have no use for them.
pub fn command() -> clap::Command {
    let url = || Arg::new("url").long("url").value_name("URL").hide(true).help("The same as --server");
    let mut command = Cli::command().arg(url());
    let names: Vec<String> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    for name in names {
        if !LOCAL.contains(&name.as_str()) && !["login", "logout", "context", "credentials"].contains(&name.as_str()) {
            command = command.mut_subcommand(name, |it| it.arg(url().global(true)));
        }
    }
    command = help::complete(command);
    for name in LOCAL {
        for id in OF_CLIENT {
            command = hide(command, name, id);
        }
        if name != "admin" {
            command = hide(command, name, "output");
        }
    }
    command
}

/// The flag of all commands is in the help of this one no more. It is still understood, to be refused with a reason.
fn hide(mut command: clap::Command, name: &str, id: &str) -> clap::Command {
    let Some(flag) = command.get_arguments().find(|it| it.get_id() == id).cloned() else { return command };
    command = command.mut_subcommand(name, |it| it.arg(flag.hide(true)));
    command
}

/// The flags of the client that were typed for a command of this machine.
fn misplaced(matches: &clap::ArgMatches) -> Option<clap::Error> {
    let name = matches.subcommand_name().filter(|it| LOCAL.contains(it))?;
    let root = command();
    let (mut leaf, mut typed) = (&root, matches);
    while let Some((name, sub)) = typed.subcommand() {
        (leaf, typed) = (leaf.find_subcommand(name)?, sub);
    }
    // Such as the account of a new user.
    let is_its_own = |id: &str| leaf.get_arguments().any(|it| it.get_id() == id && !it.is_hide_set());
    let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let id = OF_CLIENT.iter().find(|it| is_typed(it) && !is_its_own(it))?;
    let flag = id.replace('_', "-");
    let text = format!("--{flag} is for commands that ask a server; stackyard {name} works on this machine");
    Some(command().error(ErrorKind::ArgumentConflict, text))
}

/// Help and versions are printed here.
pub fn parse(arguments: Vec<OsString>) -> Outcome<Cli> {
    let parsed = command().try_get_matches_from(arguments).and_then(|matches| {
        if let Some(err) = misplaced(&matches) {
            return Err(err);
        }
        let mut cli = Cli::from_arg_matches(&matches)?;
        let url = |it: &clap::ArgMatches| it.try_get_one::<String>("url").ok().flatten().cloned();
        let is_of_cloud = matches.subcommand_name() == Some("credentials");
        let of_noun = matches.subcommand().filter(|_| !is_of_cloud).and_then(|(_, it)| url(it));
        cli.flags.server = cli.flags.server.or_else(|| url(&matches)).or(of_noun);
        Ok(cli)
    });
    parsed.map_err(|err| {
        // To standard output for help, else to standard error.
        let printed = err.print();
        match err.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion if printed.is_ok() => Failure::PipeClosed,
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Failure::Told,
            _ => Failure::Misused,
        }
    })
}

pub fn run(cli: Cli) -> Outcome {
    let Cli { flags, command } = cli;
    let runtime = match &command {
        Command::Server(_) => tokio::runtime::Builder::new_multi_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_current_thread().enable_all().build(),
    };
    runtime.context("cannot start")?.block_on(dispatch(flags, command))
}

async fn dispatch(flags: Flags, command: Command) -> Outcome {
    let app = match command {
        Command::Server(args) => return server::run(args).await,
        Command::Admin(args) => return admin::run(args, flags.output).await,
        Command::Completion { shell } => return completion(shell),
        Command::Man(args) => return man::run(&args),
        Command::Login(args) => return login::run(&flags, args).await,
        Command::Logout => return logout::run(&flags).await,
        Command::Context(command) => return contexts::run(&flags, command),
        _ => App::new(&flags)?,
    };
    match command {
        Command::Credentials(args) => credentials::run(&app, args).await,
        Command::Environments(command) => environments::run(&app, command).await,
        Command::Clouds(command) => clouds::run(&app, command).await,
        Command::InstanceTypes(command) => instance_types::run(&app, command).await,
        Command::Sizes(command) => sizes::run(&app, command).await,
        Command::Machines(command) => machines::run(&app, command).await,
        Command::Inventory(command) => inventory::run(&app, command).await,
        Command::CloudEvents(command) => cloud_events::run(&app, command).await,
        Command::CloudTasks(command) => cloud_tasks::run(&app, command).await,
        Command::Folders(command) => folders::run(&app, command).await,
        Command::ResourcePools(command) => resource_pools::run(&app, command).await,
        Command::DatastoreFiles(command) => datastore_files::run(&app, command).await,
        Command::CloudLogs(command) => cloud_logs::run(&app, command).await,
        Command::Images(command) => images::run(&app, command).await,
        Command::Roles(command) => roles::run(&app, command).await,
        Command::RoleCategories(command) => role_categories::run(&app, command).await,
        Command::Os(command) => os::run(&app, command).await,
        Command::Farms(command) => farms::run(&app, command).await,
        Command::FarmRoles(command) => farm_roles::run(&app, command).await,
        Command::Projects(command) => projects::run(&app, command).await,
        Command::CostCenters(command) => cost_centers::run(&app, command).await,
        Command::Servers(command) => servers::run(&app, command).await,
        Command::Volumes(command) => volumes::run(&app, command).await,
        Command::PrivateNetworks(command) => private_networks::run(&app, command).await,
        Command::FloatingIps(command) => floating_ips::run(&app, command).await,
        Command::SecurityGroups(command) => security_groups::run(&app, command).await,
        Command::Accounts(command) => accounts::run(&app, command).await,
        Command::Users(args) => users::run(&app, args).await,
        Command::Teams(command) => teams::run(&app, command).await,
        Command::AclRoles(command) => acl_roles::run(&app, command).await,
        Command::ApiKeys(command) => api_keys::run(&app, command).await,
        Command::Tokens(command) => tokens::run(&app, command).await,
        Command::Sessions(command) => sessions::run(&app, command).await,
        Command::Profile(command) => profile::run(&app, command).await,
        Command::Audit(command) => audit::run(&app, command).await,
        Command::Search(args) => search::run(&app, args).await,
        Command::System => system::run(&app).await,
        Command::Permissions(command) => permissions::run(&app, command).await,
        Command::Watch(args) => watch::run(&app, args).await,
        Command::Server(_)
        | Command::Admin(_)
        | Command::Completion { .. }
        | Command::Man(_)
        | Command::Login(_)
        | Command::Logout
        | Command::Context(_) => Ok(()),
    }
}

fn completion(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "stackyard", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves<'a>(command: &'a clap::Command, path: &str, found: &mut Vec<(String, &'a clap::Command)>) {
        if !command.has_subcommands() {
            found.push((path.to_owned(), command));
        }
        for sub in command.get_subcommands() {
            leaves(sub, &format!("{path} {}", sub.get_name()), found);
        }
    }

    /// As a shell splits them, as far as examples need it: at blanks outside double quotes.
    fn words(typed: &str) -> Vec<String> {
        let mut is_quoted = false;
        let words = typed.split(|it| {
            is_quoted ^= it == '"';
            it == ' ' && !is_quoted
        });
        words.filter(|it| !it.is_empty()).map(|it| it.replace('"', "")).collect()
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    /// Each command teaches by an example, and each example is one that is understood.
    #[test]
    fn every_command_has_examples_that_parse() {
        let root = command();
        let mut found = Vec::new();
        leaves(&root, "stackyard", &mut found);
        assert!(found.len() > 80, "{}", found.len());
        for (path, leaf) in found {
            let help = leaf.get_after_long_help().unwrap_or_else(|| panic!("{path} has no example")).to_string();
            let examples: Vec<&str> = help.lines().filter(|it| it.starts_with("  stackyard ")).map(str::trim).collect();
            assert!(examples.iter().any(|it| it.starts_with(&path)), "{path} has no example of itself: {help}");
            for example in examples {
                let typed =
                    example.split(" < ").next().unwrap().split(" > ").next().unwrap().split(" | ").next().unwrap();
                if let Err(err) = command().try_get_matches_from(words(typed)) {
                    panic!("{example}: {err}");
                }
            }
        }
    }

    /// In what a person reads, no command, argument or flag stands without a word.
    #[test]
    fn everything_in_the_help_is_explained() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            assert!(command.get_after_long_help().is_some(), "{path} has no example");
            for arg in command.get_arguments().filter(|it| !it.is_hide_set()) {
                assert!(arg.get_help().is_some(), "{path}: {}", arg.get_id());
            }
            command.get_subcommands().for_each(|it| check(it, &path));
        }
        check(&command(), "");
    }

    /// Secrets come from a prompt, standard input, a file or the environment.
    #[test]
    fn no_flag_takes_a_secret() {
        let root = command();
        let mut found = Vec::new();
        leaves(&root, "stackyard", &mut found);
        for (path, leaf) in found {
            for arg in leaf.get_arguments().filter(|it| it.get_action().takes_values()) {
                let name = arg.get_id().as_str();
                let is_secret = ["password", "secret", "token"].iter().any(|it| name.contains(it));
                assert!(!is_secret || name.ends_with("_file"), "{path} takes {name}");
            }
        }
    }

    /// Those that work on this machine do not speak of servers to ask, and do not take them in silence.
    #[test]
    fn commands_of_this_machine_have_no_flags_of_the_client() {
        let mut root = command();
        root.build();
        let mut found = Vec::new();
        leaves(&root, "stackyard", &mut found);
        let is_local = |path: &str| LOCAL.iter().any(|it| path.split(' ').nth(1) == Some(it));
        for (path, leaf) in found.iter().filter(|(path, _)| !path.contains(" help")) {
            let help = (*leaf).clone().render_long_help().to_string();
            assert_eq!(help.contains("--server-fingerprint"), !is_local(path), "{path}: {help}");
        }
        let code = |text: &str| parse(text.split_whitespace().map(OsString::from).collect()).map(|_| ());
        assert!(matches!(code("stackyard admin status --server http://a"), Err(Failure::Misused)));
        assert!(matches!(code("stackyard --account 1 man"), Err(Failure::Misused)));
        assert!(matches!(code("stackyard admin user list --account 1"), Err(Failure::Misused)));
        assert!(code("stackyard admin user add a@example.net --name A --account 1 --password-stdin").is_ok());
        assert!(code("stackyard admin status -o json").is_ok());
        assert!(code("stackyard --server http://a environments list").is_ok());
    }

    #[test]
    fn the_url_of_a_cloud_is_not_the_servers() {
        let parse = |text: &str| parse(text.split_whitespace().map(OsString::from).collect()).unwrap();
        let server = |text: &str| parse(text).flags.server;
        assert_eq!(server("stackyard --url http://a environments list").as_deref(), Some("http://a"));
        assert_eq!(server("stackyard environments list --url http://a").as_deref(), Some("http://a"));
        assert_eq!(server("stackyard environments --server http://a list").as_deref(), Some("http://a"));
        assert_eq!(server("stackyard credentials check-ports --cloud vmware --url http://a"), None);
        let both = server("stackyard --url http://s credentials check-ports --cloud vmware --url http://c");
        assert_eq!(both.as_deref(), Some("http://s"));
    }
}

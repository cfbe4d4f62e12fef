//! Help that is the same in many places, so that each place need not say it: what an argument of some name is, and
//! examples of a noun, which are those of its verbs.

use clap::Command;

/// What an argument is, by its id, where the command itself does not say it.
const ARGUMENTS: &[(&str, &str)] = &[
    ("account", "Account, by id or name"),
    ("acl_role", "ACL role, by id or name"),
    ("admin", "Whether the user administers the whole of the scope: true or false"),
    ("application_credential_id", "Application credential by id; its secret is asked for instead of a password"),
    ("application_credential_name", "Application credential by name, with the user it belongs to"),
    ("category", "Role category, by id or name"),
    ("credentials", "Credentials, by id or name"),
    ("description", "A text for people"),
    ("email", "E-mail address, with which the user logs in"),
    ("environment_id", "Environment, by id or name"),
    ("farm", "Farm, by id or name"),
    ("farm_role", "Farm role, by id"),
    ("id", "Id, as the list shows it"),
    ("image", "Registered image, by id or name"),
    ("name", "Name"),
    ("platform", "Cloud platform, such as openstack or vmware"),
    ("port", "TCP port to probe"),
    ("project_domain", "Domain of the project by name, where it is not the user's"),
    ("project_domain_id", "Domain of the project by id"),
    ("project_id", "Project by id"),
    ("role", "Name of the role [default: Stackyard]"),
    ("server_id", "Server, by id"),
    ("shell", "Which shell"),
    ("size", "Size, by id or name"),
    ("team", "Team, by id or name"),
    ("url", "URL of the cloud"),
    ("user", "User, by id or e-mail address"),
    ("user_domain", "Domain of the user by name, where it is not the project's"),
    ("user_domain_id", "Domain of the user by id"),
    ("user_id", "User by id, instead of name and domain"),
    ("vcpus", "Number of virtual CPUs"),
];

/// The same command, with help for each argument of the table and with an example of each verb.
pub fn complete(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let known = ARGUMENTS.iter().find(|(id, _)| argument.get_id() == *id);
        match known {
            Some((_, text)) if argument.get_help().is_none() => argument.help(*text),
            _ => argument,
        }
    });
    if !command.has_subcommands() {
        return command;
    }
    let command = command.mut_subcommands(complete);
    if command.get_after_long_help().is_some() {
        return command;
    }
    let examples: Vec<String> = command.get_subcommands().filter_map(first_example).collect();
    if examples.is_empty() { command } else { command.after_long_help(format!("Examples:\n{}", examples.join("\n"))) }
}

fn first_example(verb: &Command) -> Option<String> {
    let help = verb.get_after_long_help()?.to_string();
    help.lines().find(|it| it.starts_with("  stackyard ")).map(str::to_owned)
}

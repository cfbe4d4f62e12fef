use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    app::App,
    assets::{Assets, SaveArgs},
    client::Call,
    failure::Outcome,
    location::LocationArgs,
    object::{self, Ids, ListArgs, Noun},
    output::{column::Column, print_object},
};

const NOUN: Noun = Noun {
    what: "private network",
    id: "/id",
    name: "name",
    ids: Ids::Uuid,
    columns: &[
        Column::text("ID", "/id"),
        Column::text("NAME", "/name"),
        Column::text("LOCATION", "/cloudLocation"),
        Column::text("CIDR", "/cidr"),
        Column::text("STATUS", "/status"),
        Column::text("SERVER", "/usedBy/0/name"),
        Column::text("IN THE CLOUD", "/parts/0/id"),
        Column::text("FAILURE", "/failure/summary"),
        Column::age("ADDED", "/added"),
    ],
};
/// Those that its cloud has.
const IN_CLOUD: Noun =
    Noun { what: "network of the cloud named", id: "/id", name: "name", ids: Ids::Any, columns: &[] };

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the networks that were made for the environment
    #[command(
        after_long_help = "Those that were deleted are shown for ten minutes. stackyard networks list shows all that \
                                 the cloud has.

Examples:
  stackyard private-networks list
  stackyard private-networks list --filter status=failed -o yaml"
    )]
    List {
        #[command(flatten)]
        args: ListArgs,
    },
    /// Show one with its parts, its rules and the servers on it
    #[command(after_long_help = "Examples:\n  stackyard private-networks show shop -o yaml")]
    Show {
        /// By id or name
        network: String,
    },
    /// Create a network with subnet, security group and router (OpenStack)
    #[command(
        after_long_help = "Everything its servers send is let out. What is let in is said with --allow, for servers that have \
                           its security group: PROTOCOL:PORTS:FROM, where the protocol is tcp, udp or icmp, and the ports \
                           are one, a range or \"all\". Without --external-network it leads nowhere.

Examples:
  stackyard private-networks create shop --cidr 10.1.0.0/24 --wait
  stackyard private-networks create shop --cidr 10.1.0.0/24 --external-network public --dns 9.9.9.9
  stackyard private-networks create shop --cidr 10.1.0.0/24 --allow tcp:22:10.0.0.0/8 --allow icmp:all:0.0.0.0/0
  stackyard private-networks create six --cidr fd00:1::/64 --allow tcp:443:::/0 --wait"
    )]
    Create {
        /// Unique among the networks that were made for the environment
        name: String,
        /// Its addresses, of IPv4 or IPv6
        #[arg(long)]
        cidr: String,
        /// Region, by id or name; may be left out where there is one
        #[arg(long, value_name = "LOCATION")]
        location: Option<String>,
        /// The external network that its router leads to, by id or name; stackyard networks list shows them
        #[arg(long, value_name = "NETWORK")]
        external_network: Option<String>,
        /// What its servers ask for names; may be repeated. Default: the cloud's own
        #[arg(long, value_name = "ADDRESS")]
        dns: Vec<String>,
        /// Who may send to its servers; may be repeated. Default: nobody
        #[arg(long, value_name = "RULE", value_parser = parse_rule)]
        allow: Vec<Value>,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Change who may send to its servers, or what they ask for names
    #[command(after_long_help = "What is given takes the place of all that was.

Examples:
  stackyard private-networks update shop --allow tcp:22:10.0.0.0/8 --allow tcp:443:0.0.0.0/0 --wait
  stackyard private-networks update shop --allow-nobody --wait
  stackyard private-networks update shop --dns 9.9.9.9 --wait")]
    Update {
        /// By id or name
        network: String,
        /// All who may send from now on; may be repeated
        #[arg(long, value_name = "RULE", value_parser = parse_rule)]
        allow: Vec<Value>,
        /// Let nobody in
        #[arg(long, conflicts_with = "allow")]
        allow_nobody: bool,
        /// All of them from now on; may be repeated
        #[arg(long, value_name = "ADDRESS")]
        dns: Vec<String>,
        /// Those of the cloud
        #[arg(long, conflicts_with = "dns")]
        default_dns: bool,
        #[command(flatten)]
        save: SaveArgs,
    },
    /// Delete a network that nothing is on, with all its parts
    #[command(after_long_help = "One with servers on it is refused, with who they are.

Examples:
  stackyard private-networks delete shop --wait")]
    Delete {
        /// By id or name
        network: String,
        #[command(flatten)]
        save: SaveArgs,
    },
}

pub async fn run(app: &App, command: Command) -> Outcome {
    let networks = Assets { noun: &NOUN, all: format!("{}/networks/", app.environment().await?) };
    let given = |list: Vec<Value>, none: bool| Some(json!(list)).filter(|_| none || !list.is_empty());
    match command {
        Command::List { args } => object::list(app, &NOUN, Call::get(networks.all), &args).await,
        Command::Show { network } => print_object(app.form, NOUN.id, &networks.get(app, &network).await?),
        Command::Create { name, cidr, location, external_network, dns, allow, save } => {
            let at = LocationArgs::on("openstack", location);
            let (platform, location) = at.ids(app).await?;
            let external = match external_network {
                None => None,
                Some(given) => {
                    let there = format!("{}networks/", at.path(app).await?);
                    let found = object::get(app, &IN_CLOUD, &there, &given).await?;
                    Some(json!({ "id": found["id"] }))
                }
            };
            let call = Call::post(networks.all.as_str()).with([
                ("name", Some(json!(name))),
                ("cloudPlatform", Some(json!(platform))),
                ("cloudLocation", Some(json!(location))),
                ("cidr", Some(json!(cidr))),
                ("externalNetwork", external),
                ("dnsServers", Some(json!(dns))),
                ("rules", Some(json!(allow))),
            ]);
            networks.save(app, &call, "ready", save).await
        }
        Command::Update { network, allow, allow_nobody, dns, default_dns, save } => {
            let dns = dns.into_iter().map(Value::from).collect();
            let fields = [("rules", given(allow, allow_nobody)), ("dnsServers", given(dns, default_dns))];
            let call = Call::patch(networks.path(app, &network).await?).with(fields);
            networks.save(app, &call, "ready", save).await
        }
        Command::Delete { network, save } => {
            let call = Call::delete(networks.path(app, &network).await?);
            networks.save(app, &call, "deleted", save).await
        }
    }
}

/// `tcp:22:0.0.0.0/0`, `udp:5000-5100:10.0.0.0/8`, `icmp:all:::/0`.
pub fn parse_rule(text: &str) -> Result<Value, String> {
    let mut parts = text.splitn(3, ':');
    let (Some(protocol), Some(ports), Some(from)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("write PROTOCOL:PORTS:FROM, such as tcp:22:0.0.0.0/0".to_owned());
    };
    let mut rule = json!({ "protocol": protocol, "from": from });
    if ports != "all" {
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let port =
            |it: &str| it.parse::<u16>().map_err(|_| format!("{it:?} is no port; write one, two as 80-90, or all"));
        rule["firstPort"] = port(first)?.into();
        rule["lastPort"] = port(last)?.into();
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_protocol_ports_and_from() {
        let check = |text: &str, expected: Value| assert_eq!(parse_rule(text).unwrap(), expected, "{text}");
        let ssh = json!({ "protocol": "tcp", "firstPort": 22, "lastPort": 22, "from": "0.0.0.0/0" });
        check("tcp:22:0.0.0.0/0", ssh);
        check("udp:80-90:fd00::/8", json!({ "protocol": "udp", "firstPort": 80, "lastPort": 90, "from": "fd00::/8" }));
        check("icmp:all:::/0", json!({ "protocol": "icmp", "from": "::/0" }));
        for (text, expected) in [
            ("tcp:22", "PROTOCOL:PORTS:FROM"),
            ("tcp", "PROTOCOL:PORTS:FROM"),
            ("tcp:ssh:0.0.0.0/0", "\"ssh\" is no port"),
            ("tcp:1-70000:0.0.0.0/0", "\"70000\" is no port"),
            ("tcp::0.0.0.0/0", "\"\" is no port"),
        ] {
            assert!(parse_rule(text).unwrap_err().contains(expected), "{text}");
        }
    }
}

//! What is set inside the guest of a clone: a specification that the vCenter keeps, made that of one server.

pub mod outcome;

use std::net::IpAddr;

use cloud::{
    CloudError,
    server::{Nic, ServerSpec},
};

use crate::{
    inventory::Place,
    session::Session,
    soap::{
        envelope::{Call, escape},
        tree::Node,
    },
};

/// RFC 1123 for a label, and NetBIOS for Windows.
const LONGEST: usize = 63;
const LONGEST_OF_WINDOWS: usize = 15;
const DHCP: &str = "<adapter><ip xsi:type=\"CustomizationDhcpIpGenerator\"></ip></adapter>";

/// `<customization>` of a clone with so many network cards. Passwords inside are encrypted with a key of the vCenter's own.
pub async fn of_server(
    place: &Place<'_>,
    name: &str,
    server: &ServerSpec,
    n_cards: usize,
) -> Result<String, CloudError> {
    let missing = || CloudError::Refused(format!("there is no customization specification {name:?}; choose another"));
    let session = place.vcenter.session().await?;
    let manager = session.content.customization_spec_manager.clone().ok_or_else(missing)?;
    let get = |_: &Session| Call::new("GetCustomizationSpec", &manager).text("name", name);
    let read = |node: Node<'_>| Some(write(node.child("returnval")?.child("spec")?, server, n_cards));
    match place.vcenter.call(get, read).await {
        Ok(Some(Ok(written))) => Ok(written),
        Ok(Some(Err(why))) => {
            Err(CloudError::Refused(format!("the customization specification {name:?} cannot be used: {why}")))
        }
        Ok(None) => Err(missing()),
        Err(err) if err.is_fault("NotFound") => Err(missing()),
        Err(err) => Err(err.into()),
    }
}

/// In the order of `CustomizationSpec` in the API reference, on which a vCenter insists. A setting for each card: it
/// refuses another number.
fn write(spec: Node<'_>, server: &ServerSpec, n_cards: usize) -> Result<String, String> {
    let is_last = |it: &Node<'_>| it.name() == "encryptionKey";
    let (mut before, mut settings) = (String::new(), Vec::new());
    for part in spec.children().filter(|it| !is_last(it)) {
        match part.name() {
            "nicSettingMap" => settings.push(part),
            "identity" => before.push_str(&identity(part, &server.name)),
            name => before.push_str(&part.write(name)),
        }
    }
    let mut cards = String::new();
    for index in 0..n_cards {
        let adapter = adapter(settings.get(index).copied(), server.nics.get(index), index + 1)?;
        cards.push_str(&format!("<nicSettingMap>{adapter}</nicSettingMap>"));
    }
    let keys: String = spec.children().filter(is_last).map(|it| it.write("encryptionKey")).collect();
    Ok(format!("<customization>{before}{cards}{keys}</customization>"))
}

/// Without the MAC address of a card: a clone gets others.
fn adapter(setting: Option<Node<'_>>, nic: Option<&Nic>, number: usize) -> Result<String, String> {
    let adapter = setting.and_then(|it| it.child("adapter"));
    let fixed_ip = match nic.and_then(|it| it.fixed_ip) {
        Some(IpAddr::V4(ip)) => ip,
        Some(IpAddr::V6(ip)) => return Err(format!("{ip} is IPv6, and only IPv4 addresses are set in a guest")),
        None => {
            let asks =
                |it: &Node<'_>| it.child("ip").is_some_and(|it| it.value_type() == "CustomizationUnknownIpGenerator");
            return match adapter {
                Some(it) if asks(&it) => Err(format!("it asks for an address of network card {number}; name one")),
                Some(it) => Ok(it.write("adapter")),
                None => Ok(DHCP.to_owned()),
            };
        }
    };
    let Some(adapter) = adapter.filter(|it| !it.get("subnetMask").is_empty()) else {
        return Err(format!(
            "it has no subnet mask for network card {number}, which is to have the address {fixed_ip}"
        ));
    };
    let others: String = adapter.children().filter(|it| it.name() != "ip").map(|it| it.write(it.name())).collect();
    Ok(format!(
        "<adapter><ip xsi:type=\"CustomizationFixedIp\"><ipAddress>{fixed_ip}</ipAddress></ip>{others}</adapter>"
    ))
}

/// With the host name of this server. An answer file of the user's own (`CustomizationSysprepText`), or cloud-init's, has
/// its name inside.
fn identity(identity: Node<'_>, name: &str) -> String {
    let fixed = |element: &str, longest| {
        let name = host_name(name, longest);
        format!("<{element} xsi:type=\"CustomizationFixedName\"><name>{name}</name></{element}>")
    };
    let inside = |node: Node<'_>, write: &dyn Fn(Node<'_>) -> String| node.children().map(write).collect::<String>();
    let inside = match identity.value_type() {
        "CustomizationLinuxPrep" => inside(identity, &|it| match it.name() {
            "hostName" => fixed("hostName", LONGEST),
            name => it.write(name),
        }),
        "CustomizationSysprep" => inside(identity, &|it| match it.name() {
            "userData" => {
                let user_data = inside(it, &|it| match it.name() {
                    "computerName" => fixed("computerName", LONGEST_OF_WINDOWS),
                    name => it.write(name),
                });
                format!("<userData>{user_data}</userData>")
            }
            name => it.write(name),
        }),
        _ => return identity.write("identity"),
    };
    format!("<identity xsi:type=\"{}\">{inside}</identity>", escape(identity.value_type()))
}

/// Letters, digits and hyphens between them, and not digits alone. Of a name that is too long the end stays: numbers and
/// the random part of an id are there.
fn host_name(name: &str, longest: usize) -> String {
    let valid: String = name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '-' }).collect();
    let end = |longest| valid[valid.len().saturating_sub(longest)..].trim_matches('-');
    match end(longest) {
        it if it.bytes().all(|it| it.is_ascii_digit()) => format!("s{}", end(longest - 1)),
        it => it.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_valid() {
        let check = |name: &str, longest, expected: &str| assert_eq!(host_name(name, longest), expected);
        check("web-3", LONGEST, "web-3");
        check("Web 3.example ", LONGEST, "Web-3-example");
        check("0192f0c1-8a4b-7c3d-9e2f-0123456789ab", LONGEST_OF_WINDOWS, "2f-0123456789ab");
        check("1234567890123456", LONGEST_OF_WINDOWS, "s34567890123456");
        check("ä/ß", LONGEST, "s");
    }
}

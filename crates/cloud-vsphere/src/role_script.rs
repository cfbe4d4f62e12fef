use crate::privileges;

/// Which tool a script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptKind {
    /// A POSIX shell script for govc; GOVC_URL and the rest come from the environment.
    Govc,
    /// For a PowerShell in which Connect-VIServer was called.
    PowerCli,
}

/// A script that creates (or brings up to date) a role with all privileges of [`privileges::ALL`] and assigns it to
/// the user on the root folder, for all below. `user` is `user@domain` or `DOMAIN\user`.
pub fn role_script(kind: ScriptKind, user: &str, role: &str) -> String {
    let principal = principal(user);
    match kind {
        ScriptKind::Govc => govc(&principal, role),
        ScriptKind::PowerCli => power_cli(&principal, role),
    }
}

fn govc(principal: &str, role: &str) -> String {
    let (principal, role) = (posix_quoted(principal), posix_quoted(role));
    let ids: Vec<_> = privileges::ALL.iter().map(|it| format!("  {}", it.id)).collect();
    let ids = ids.join(" \\\n");
    format!(
        "#!/bin/sh\n\
         # Run with the rights of an administrator of the vCenter; once for each linked vCenter, too.\n\
         set -eu\n\
         set -- \\\n{ids}\n\
         if govc role.ls {role} >/dev/null 2>&1; then\n  govc role.update {role} \"$@\"\n\
         else\n  govc role.create {role} \"$@\"\nfi\n\
         govc permissions.set -principal {principal} -role {role} -propagate=true /\n"
    )
}

fn power_cli(principal: &str, role: &str) -> String {
    let (principal, role) = (powershell_quoted(principal), powershell_quoted(role));
    let ids: Vec<_> = privileges::ALL.iter().map(|it| format!("  '{}'", it.id)).collect();
    let ids = ids.join(",\n");
    format!(
        "# Run after Connect-VIServer with the rights of an administrator; once for each linked vCenter, too.\n\
         $ErrorActionPreference = 'Stop'\n\
         $privileges = Get-VIPrivilege -Id @(\n{ids}\n)\n\
         $role = Get-VIRole | Where-Object {{ $_.Name -eq {role} }}\n\
         if ($role) {{\n  $role = Set-VIRole -Role $role -AddPrivilege $privileges\n}} else {{\n  \
         $role = New-VIRole -Name {role} -Privilege $privileges\n}}\n\
         New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal {principal} -Role $role -Propagate:$true\n"
    )
}

/// Permissions name users as `DOMAIN\user` (Permission.principal in the API reference), whatever they log in with.
fn principal(user: &str) -> String {
    match user.rsplit_once('@') {
        Some((name, domain)) if !user.contains('\\') => format!("{domain}\\{name}"),
        _ => user.to_owned(),
    }
}

fn posix_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// PowerShell ends a single-quoted string at typographic quotes too (about_Quoting_Rules).
fn powershell_quoted(text: &str) -> String {
    let mut quoted = "'".to_owned();
    for character in text.chars() {
        quoted.push(character);
        if matches!(character, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(character);
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_named_as_permissions_name_them() {
        assert_eq!(principal("admin@vsphere.local"), "vsphere.local\\admin");
        assert_eq!(principal("CORP\\svc"), "CORP\\svc");
        assert_eq!(principal("CORP\\odd@name"), "CORP\\odd@name");
        assert_eq!(principal("root"), "root");
    }

    #[test]
    fn quotes_cannot_be_left() {
        assert_eq!(posix_quoted("a'; rm -rf ~; '"), "'a'\\''; rm -rf ~; '\\'''");
        assert_eq!(powershell_quoted("a'; b \u{2019}"), "'a''; b \u{2019}\u{2019}'");
    }
}

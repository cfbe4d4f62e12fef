//! openrc files: shell scripts that set variables. They are read, never executed.

use std::{fs, path::Path};

use anyhow::Context;

use super::variables::Variables;
use crate::{failure::Outcome, output::note};

pub fn read(path: &Path) -> Outcome<Variables> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (variables, unknown) = parse(&text);
    for name in unknown.iter().filter(|it| it.starts_with("OS_") && !variables.contains_key(*it)) {
        note(&format!("{name} would be worked out by running {}, so it is not set", path.display()));
    }
    Ok(variables)
}

/// One word of a statement, with its quotes resolved.
#[derive(Debug, Default)]
struct Word {
    text: String,
    /// The shell would put something in: a variable, the output of a program.
    is_expanded: bool,
}

/// What is set in the end, and the names whose values only a shell knows.
fn parse(text: &str) -> (Variables, Vec<String>) {
    let mut variables = Variables::new();
    let mut unknown = Vec::new();
    for words in statements(text) {
        let mut words = words.into_iter().peekable();
        match words.peek().map(|it| it.text.as_str()) {
            Some("unset") => {
                for word in words.skip(1) {
                    variables.remove(&word.text);
                }
                continue;
            }
            Some("export") => drop(words.next()),
            _ => {}
        }
        for Word { text, is_expanded } in words {
            let Some((name, value)) = text.split_once('=') else { break };
            let is_name = !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_');
            if !is_name {
                break;
            }
            variables.remove(name);
            if is_expanded {
                unknown.push(name.to_owned());
            } else {
                variables.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    (variables, unknown)
}

/// Splits at line ends and semicolons. Quotes as in POSIX: nothing is special between single ones; between double ones
/// a backslash escapes `$`, `` ` ``, `"` and itself.
fn statements(text: &str) -> Vec<Vec<Word>> {
    let mut statements = vec![Vec::new()];
    let mut word: Option<Word> = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '#' if word.is_none() => while chars.next_if(|it| *it != '\n').is_some() {},
            '\n' | ';' | '&' | '|' => {
                end_word(&mut statements, &mut word);
                statements.push(Vec::new());
            }
            _ if char.is_whitespace() => end_word(&mut statements, &mut word),
            '\'' => {
                let word = word.get_or_insert_default();
                word.text.extend(std::iter::from_fn(|| chars.next_if(|it| *it != '\'')));
                chars.next();
            }
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(char) = chars.next().filter(|it| *it != '"') {
                    match char {
                        '\\' => match chars.next_if(|it| ['$', '`', '"', '\\'].contains(it)) {
                            Some(escaped) => word.text.push(escaped),
                            None => word.text.push('\\'),
                        },
                        '$' | '`' => word.is_expanded = true,
                        _ => word.text.push(char),
                    }
                }
            }
            '\\' => match chars.next() {
                // The line goes on.
                Some('\n') | None => {}
                Some(escaped) => word.get_or_insert_default().text.push(escaped),
            },
            '$' | '`' => word.get_or_insert_default().is_expanded = true,
            _ => word.get_or_insert_default().text.push(char),
        }
    }
    end_word(&mut statements, &mut word);
    statements
}

fn end_word(statements: &mut [Vec<Word>], word: &mut Option<Word>) {
    if let (Some(statement), Some(word)) = (statements.last_mut(), word.take()) {
        statement.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)], expected_unknown: &[&str]) {
        let (variables, unknown) = parse(text);
        let found: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(unknown, expected_unknown);
    }

    /// As Horizon of the 2023.1 release writes it.
    #[test]
    fn a_file_of_the_dashboard() {
        let text = r#"#!/usr/bin/env bash
# To use an OpenStack cloud you need to authenticate against the Identity
export OS_AUTH_URL=https://keystone.example:5000
export OS_PROJECT_ID=4f4e5c
export OS_PROJECT_NAME="lab"
export OS_USER_DOMAIN_NAME="Default"
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
export OS_PROJECT_DOMAIN_ID="default"
if [ -z "$OS_PROJECT_DOMAIN_ID" ]; then unset OS_PROJECT_DOMAIN_ID; fi
# unset v2.0 items in case set
unset OS_TENANT_ID
unset OS_TENANT_NAME
export OS_USERNAME="demo"
echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
export OS_REGION_NAME="RegionOne"
export OS_INTERFACE=public
export OS_IDENTITY_API_VERSION=3
"#;
        check(
            text,
            &[
                ("OS_AUTH_URL", "https://keystone.example:5000"),
                ("OS_IDENTITY_API_VERSION", "3"),
                ("OS_INTERFACE", "public"),
                ("OS_PROJECT_DOMAIN_ID", "default"),
                ("OS_PROJECT_ID", "4f4e5c"),
                ("OS_PROJECT_NAME", "lab"),
                ("OS_REGION_NAME", "RegionOne"),
                ("OS_USERNAME", "demo"),
                ("OS_USER_DOMAIN_NAME", "Default"),
            ],
            &["OS_PASSWORD"],
        );
    }

    #[test]
    fn quotes_as_the_shell_reads_them() {
        check(r"export A='it''s $x; # y' B=c\ d", &[("A", "its $x; # y"), ("B", "c d")], &[]);
        check("A=\"a \\\"b\\\" \\$c \\d\"", &[("A", "a \"b\" $c \\d")], &[]);
        check("export A=1; export B=2 # rest\nC='x\ny'", &[("A", "1"), ("B", "2"), ("C", "x\ny")], &[]);
        check("A=a#b", &[("A", "a#b")], &[]);
        check("A=x\\\ny", &[("A", "xy")], &[]);
    }

    #[test]
    fn nothing_is_executed_or_guessed() {
        check("export A=$(cat /etc/passwd)\nB=`id`\nC=\"x$A\"", &[], &["A", "B", "C"]);
        check("A=1\nA=$B", &[], &["A"]);
        check("A=1\nunset A", &[], &[]);
        check("echo A=1\n[ A=1 ]", &[], &[]);
    }
}

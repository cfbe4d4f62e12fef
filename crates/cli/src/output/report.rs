//! A validation report, for people.

use std::{collections::BTreeSet, fmt::Write as _};

use api_types::validations::{Check, CheckStatus, Validation, ValidationStatus};

use super::{Form, has_colour, print, rewrite_line, table::Table};
use crate::failure::{Failure, Outcome};

const GREEN: &str = "\u{1b}[32m";
const YELLOW: &str = "\u{1b}[33m";
const RED: &str = "\u{1b}[31m";
const PLAIN: &str = "\u{1b}[0m";

/// The whole report on standard output; as a table its checks by group, then what to do.
pub fn print_report(form: Form, report: &Validation) -> Outcome {
    match form {
        Form::Table => print(&coloured(&text(report))),
        Form::Name => print(&report.id),
        Form::Json | Form::Yaml => {
            let data = serde_json::to_value(report).map_err(|err| Failure::Other(err.into()))?;
            super::print_data(form, &data)
        }
    }
}

/// One line on the terminal that is written anew while a run goes on, and wiped at its end.
#[derive(Default)]
pub struct Progress {
    n_checks: usize,
}

impl Progress {
    pub fn show(&mut self, check: &Check) {
        self.n_checks += 1;
        let text = format!("{} checks: {} {} {}", self.n_checks, mark(check.status), check.group, check.id);
        rewrite_line(&text);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.n_checks > 0 {
            rewrite_line("");
        }
    }
}

pub fn text(report: &Validation) -> String {
    let mut text = String::new();
    let mut groups: Vec<&str> = Vec::new();
    for check in &report.checks {
        if !groups.contains(&check.group.as_str()) {
            groups.push(&check.group);
        }
    }
    for group in groups {
        let checks: Vec<&Check> = report.checks.iter().filter(|it| it.group == group).collect();
        let targets: BTreeSet<&str> = checks.iter().map(|it| it.target.as_str()).collect();
        let mut table = Table::plain();
        for alike in checks.chunk_by(|a, b| a.status == CheckStatus::Skipped && is_alike(a, b)) {
            let Some(check) = alike.first() else { continue };
            let more = alike.len() - 1;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let mut row = vec![mark(check.status).to_owned(), format!("{}{more}", check.id)];
            // What all of the group were asked of is said once.
            let is_same = alike.iter().all(|it| it.target == check.target);
            row.extend((targets.len() > 1).then(|| if is_same { check.target.clone() } else { String::new() }));
            row.extend([format!("{} ms", check.elapsed_ms), check.detail.clone()]);
            table.row(row);
        }
        let group = match targets.first() {
            Some(target) if targets.len() == 1 && *target != group => format!("{group} ({target})"),
            _ => group.to_owned(),
        };
        let _ = writeln!(text, "{}\n{table}", super::clean(&group));
    }
    let remedies = remedies(report);
    if !remedies.is_empty() {
        text.push_str("What to do:\n");
        for (remedy, checks) in remedies {
            let _ = writeln!(text, "- {} ({})", super::clean(remedy), super::clean(&checks.join(", ")));
        }
        text.push('\n');
    }
    let count = |status| report.checks.iter().filter(|it| it.status == status).count();
    let _ = writeln!(
        text,
        "{}: {} passed, {} warnings, {} failed, {} skipped",
        word(report.status),
        count(CheckStatus::Passed),
        count(CheckStatus::Warning),
        count(CheckStatus::Failed),
        count(CheckStatus::Skipped),
    );
    text
}

/// What was not looked at for one reason is one line.
fn is_alike(a: &Check, b: &Check) -> bool {
    a.status == b.status && a.detail == b.detail
}

/// Each remedy once, with the checks it is for, those that failed first.
fn remedies(report: &Validation) -> Vec<(&str, Vec<&str>)> {
    let mut remedies: Vec<(&str, Vec<&str>)> = Vec::new();
    for status in [CheckStatus::Failed, CheckStatus::Warning] {
        for check in report.checks.iter().filter(|it| it.status == status) {
            let Some(remedy) = check.remedy.as_deref() else { continue };
            match remedies.iter_mut().find(|(it, _)| *it == remedy) {
                // Alike on several targets, it is still one check to look for.
                Some((_, checks)) if checks.contains(&check.id.as_str()) => {}
                Some((_, checks)) => checks.push(&check.id),
                None => remedies.push((remedy, vec![&check.id])),
            }
        }
    }
    remedies
}

fn mark(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "✓",
        CheckStatus::Warning => "!",
        CheckStatus::Failed => "✗",
        CheckStatus::Skipped => "-",
    }
}

pub fn word(status: ValidationStatus) -> &'static str {
    match status {
        ValidationStatus::Running => "running",
        ValidationStatus::Passed => "passed",
        ValidationStatus::Warning => "passed with warnings",
        ValidationStatus::Failed => "failed",
    }
}

/// Colours the marks after the columns were laid out, since colour codes would count as width.
fn coloured(text: &str) -> String {
    if !has_colour() {
        return text.to_owned();
    }
    let lines = text.lines().map(|line| {
        let mark = line.chars().next().filter(|_| line.chars().nth(1) == Some(' '));
        let colour = match mark {
            Some('✓') => GREEN,
            Some('!') => YELLOW,
            Some('✗') => RED,
            _ => return line.to_owned(),
        };
        let rest: String = line.chars().skip(1).collect();
        format!("{colour}{}{PLAIN}{rest}", mark.unwrap_or_default())
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, group: &str, status: CheckStatus, remedy: Option<&str>) -> Check {
        Check {
            id: id.to_owned(),
            group: group.to_owned(),
            target: if id == "b.two" { "DC0" } else { "https://cloud" }.to_owned(),
            status,
            required: true,
            detail: format!("about {}", id.split('.').next().unwrap()),
            remedy: remedy.map(str::to_owned),
            elapsed_ms: 3,
            operations: Vec::new(),
            certificate: None,
        }
    }

    #[test]
    fn grouped_with_remedies_once() {
        let report = Validation {
            id: "1".to_owned(),
            status: ValidationStatus::Failed,
            cloud_credentials_id: None,
            started_at: jiff::Timestamp::UNIX_EPOCH,
            ended_at: None,
            checks: vec![
                check("a.one", "connection", CheckStatus::Passed, None),
                check("b.one", "RegionOne", CheckStatus::Warning, Some("open the port")),
                check("a.two", "connection", CheckStatus::Failed, Some("open the port")),
                check("a.three", "connection", CheckStatus::Skipped, None),
                check("a.four", "connection", CheckStatus::Skipped, None),
                check("b.two", "RegionOne", CheckStatus::Warning, None),
                check("b.one", "RegionTwo", CheckStatus::Warning, Some("open the port")),
            ],
            changes: None,
        };
        let expected = "\
connection (https://cloud)
✓  a.one               3 ms  about a
✗  a.two               3 ms  about a
-  a.three and 1 more  3 ms  about a

RegionOne
!  b.one  https://cloud  3 ms  about b
!  b.two  DC0            3 ms  about b

RegionTwo (https://cloud)
!  b.one  3 ms  about b

What to do:
- open the port (a.two, b.one)

failed: 1 passed, 3 warnings, 1 failed, 2 skipped
";
        assert_eq!(text(&report), expected);
    }
}

//! What a command says: data on standard output, everything about it on standard error.

pub mod age;
pub mod column;
pub mod report;
pub mod table;

use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
};

use anyhow::Context;
use clap::ValueEnum;
use serde_json::Value;

use crate::{
    failure::Outcome,
    output::{column::Column, table::Table},
};

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Form {
    /// For people; may change.
    #[default]
    Table,
    /// The API's data as it is.
    Json,
    /// The same as YAML.
    Yaml,
    /// Only what other commands take: the id, one a line.
    Name,
}

/// Writes data to standard output.
pub fn print(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        stdout.write_all(b"\n")?;
    }
    Ok(stdout.flush()?)
}

/// Says something about the data.
pub fn note(text: &str) {
    // Without standard error there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{}", clean(text));
}

/// Rows of a list.
pub fn print_list(form: Form, columns: &[Column], id: &str, rows: &[Value]) -> Outcome {
    match form {
        Form::Table => {
            let mut table = Table::new(columns.iter().map(|it| it.title));
            for row in rows {
                table.row(columns.iter().map(|it| it.cell(row)));
            }
            print(&table.to_string())
        }
        Form::Name => {
            let mut text = String::new();
            for row in rows {
                let _ = writeln!(text, "{}", name(row, id));
            }
            print(&text)
        }
        Form::Json | Form::Yaml => print_data(form, &Value::Array(rows.to_vec())),
    }
}

/// One object: as a table its fields one below the other.
pub fn print_object(form: Form, id: &str, object: &Value) -> Outcome {
    match form {
        Form::Table => {
            let mut table = Table::plain();
            for (key, value) in object.as_object().into_iter().flatten() {
                table.row([key.clone(), column::field(value)]);
            }
            print(&table.to_string())
        }
        Form::Name => print(&name(object, id)),
        Form::Json | Form::Yaml => print_data(form, object),
    }
}

/// As JSON or YAML; a table or a name that nobody defined is JSON too.
pub fn print_data(form: Form, data: &Value) -> Outcome {
    match form {
        Form::Yaml => print(&serde_yaml_ng::to_string(data).context("the answer cannot be written as YAML")?),
        _ => print(&format!("{data:#}")),
    }
}

fn name(row: &Value, id: &str) -> String {
    // One a line, whatever a cloud's name holds.
    row.pointer(id).map(|it| clean(&column::text(it)).replace('\n', "\\u{a}")).unwrap_or_default()
}

/// Control characters in a name cannot move the cursor or hide a line.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' => cleaned.push(char),
            // Besides control characters, those that turn the direction of writing around.
            _ if char.is_control()
                || ('\u{202a}'..='\u{202e}').contains(&char)
                || ('\u{2066}'..='\u{2069}').contains(&char) =>
            {
                let _ = write!(cleaned, "{}", char.escape_unicode());
            }
            _ => cleaned.push(char),
        }
    }
    cleaned
}

/// Columns of the terminal that standard output is; `None` for a file or a pipe, where nothing is cut or wrapped.
pub fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// Writes over the last line of standard error where that is a terminal that can do it.
pub fn rewrite_line(text: &str) {
    let mut stderr = io::stderr().lock();
    if !stderr.is_terminal() || env::var_os("TERM").is_some_and(|it| it == "dumb") {
        return;
    }
    let width = terminal_size::terminal_size_of(&stderr).map_or(80, |(width, _)| usize::from(width.0));
    let cut: String = clean(text).chars().take(width.saturating_sub(1)).collect();
    // ECMA-48: to the beginning of the line, erase it.
    let _ = write!(stderr, "\r\u{1b}[K{cut}");
    let _ = stderr.flush();
}

/// <https://no-color.org>: any text but an empty one turns colours off.
pub fn has_colour() -> bool {
    io::stdout().is_terminal()
        && env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
        && env::var_os("TERM").is_none_or(|it| it != "dumb")
}

/// A question with a yes or a no; `None` where nobody is there to answer.
pub fn ask(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{} [y/N] ", clean(question));
    let _ = stderr.flush();
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    Some(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(clean("a\u{202e}b\tc"), "a\\u{202e}b\\u{9}c");
        assert_eq!(clean("Ä 名\nzwei"), "Ä 名\nzwei");
        let row = serde_json::json!({ "id": "a\u{1b}[2Jb\nc" });
        assert_eq!(name(&row, "/id"), "a\\u{1b}[2Jb\\u{a}c", "one line, as xargs takes it");
    }
}

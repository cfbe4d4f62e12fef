use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use crate::{
    app::App,
    client::{Call, encode},
    failure::Outcome,
    output::{Form, clean, note, print, print_data},
};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the end of a server's serial console (OpenStack)
    #[command(after_long_help = "It may show secrets: it takes the permission servers.manage.

Examples:
  stackyard servers console 019a9f3e-7d2c-7000-8000-000000000001 --lines 50")]
    Console {
        server_id: String,
        /// At most so many, from the end
        #[arg(long, value_name = "N")]
        lines: Option<u32>,
    },
    /// Save a picture of a server's screen (vSphere)
    #[command(after_long_help = "It may show secrets: it takes the permission servers.manage.

Examples:
  stackyard servers screen 019a9f3e-7d2c-7000-8000-000000000001 --to screen.png")]
    Screen {
        server_id: String,
        /// A PNG; what is there is replaced
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

pub async fn run(app: &App, servers: &str, command: Command) -> Outcome {
    let one = |id: &str| format!("{servers}{}/", encode(id));
    match command {
        Command::Console { server_id, lines } => {
            let call = Call::get(format!("{}console-output/", one(&server_id)));
            let call = lines.into_iter().fold(call, |call, it| call.query("lines", it));
            let answer = app.client.data(&call).await?;
            match app.form {
                Form::Table | Form::Name => print(&clean(&plain(answer["output"].as_str().unwrap_or_default()))),
                form => print_data(form, &answer),
            }
        }
        Command::Screen { server_id, to } => {
            let call = Call::get(format!("{}console-picture/", one(&server_id)));
            let picture = app.client.bytes(&call).await?;
            std::fs::write(&to, &picture).with_context(|| format!("cannot write {}", to.display()))?;
            note(&format!("saved {} bytes as {}", picture.len(), to.display()));
            Ok(())
        }
    }
}

/// What a terminal would show, without what would move its cursor or change its colours.
fn plain(output: &str) -> String {
    let mut plain = String::with_capacity(output.len());
    let mut chars = output.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            // A control sequence ends with its first letter (ECMA-48 §5.4).
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next().is_some_and(|it| !('@'..='~').contains(&it)) {}
            }
            '\u{1b}' | '\r' => {}
            '\t' => plain.push_str("    "),
            char => plain.push(char),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_text_without_orders_for_the_terminal() {
        let check = |output: &str, expected: &str| assert_eq!(plain(output), expected);
        check("[\u{1b}[0;32m  OK  \u{1b}[0m] Started\r\nlogin:\t", "[  OK  ] Started\nlogin:    ");
        check("\u{1b}c\u{1b}[", "c");
    }
}

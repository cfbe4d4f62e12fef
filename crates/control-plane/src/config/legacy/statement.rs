//! The statements of a Ruby file: what sets `app[:configuration]`, what sets something else, and what is skipped.

use super::{
    parse::{Item, Parser},
    token::{Kind, Position, Token, Unreadable, never_closed, tokens},
};

/// What an `end` closes.
pub(super) const BLOCKS: [&str; 11] =
    ["if", "unless", "case", "while", "until", "for", "begin", "def", "class", "module", "do"];

/// `app[:configuration][…path] = value`
#[derive(Debug, PartialEq)]
pub(super) struct Assignment {
    pub at: Position,
    pub path: Vec<String>,
    pub value: Item,
}

#[derive(Debug, Default, PartialEq)]
pub(super) struct Document {
    pub configuration: Vec<Assignment>,
    /// What else is set, as it is called: `routing[:endpoint_host]`, `enable_all`. Variables are not among them.
    pub others: Vec<Other>,
    /// Statements outside `app[:configuration]` that were not understood, and why.
    pub skipped: Vec<Unreadable>,
}

#[derive(Debug, PartialEq)]
pub(super) struct Other {
    pub at: Position,
    pub name: String,
    /// Set by `name[:key] = value`.
    pub value: Option<Item>,
}

/// Nothing is evaluated. Fails when something of `app[:configuration]` cannot be read, or the file's structure.
pub(super) fn parse(text: &str) -> Result<Document, Unreadable> {
    let tokens = tokens(text)?;
    let mut document = Document::default();
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        match first.kind {
            Kind::End => break,
            Kind::Newline => rest = rest.get(1..).unwrap_or_default(),
            _ => {
                let (statement, after) = rest.split_at(length(rest)?);
                rest = after;
                let end = after.first().map_or(first.at, |it| it.at);
                let mut parser = Parser { rest: statement, end };
                if is_about_configuration(statement) {
                    document.configuration.push(parser.configuration()?);
                } else {
                    match parser.other() {
                        Ok(Some(other)) => document.others.push(other),
                        Ok(None) => {}
                        Err(problem) => document.skipped.push(problem),
                    }
                }
            }
        }
    }
    Ok(document)
}

/// Whether it names `app[:configuration]` anywhere, so that it may not be skipped.
fn is_about_configuration(statement: &[Token]) -> bool {
    let kinds: Vec<_> = statement.iter().map(|it| &it.kind).collect();
    kinds.windows(3).any(|it| match it {
        [Kind::Word(app), Kind::Sign("["), Kind::Symbol(key) | Kind::Text(key)] => {
            app == "app" && key == "configuration"
        }
        _ => false,
    })
}

/// Number of tokens of the statement that `tokens` begin with: to the end of the line on which all its brackets and
/// its `do … end` are closed.
fn length(tokens: &[Token]) -> Result<usize, Unreadable> {
    let mut open: Vec<(&Token, &str)> = Vec::new();
    // The `do` of a loop does not open a block of its own.
    let mut do_of_loop = false;
    let mut before: Option<&Kind> = None;
    for (n, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::End => {
                return match open.first() {
                    Some((opener, what)) => Err(never_closed(opener.at, what)),
                    None => Ok(n),
                };
            }
            Kind::Newline => {
                do_of_loop = false;
                let goes_on = matches!(before, Some(Kind::Sign(sign)) if ![")", "]", "}", "|"].contains(sign));
                match open.is_empty() {
                    true if goes_on => continue,
                    true => return Ok(n),
                    false => {}
                }
            }
            Kind::Sign(sign @ ("{" | "[" | "(")) => open.push((token, sign)),
            Kind::Sign("}" | "]" | ")") if open.last().is_some_and(|(_, it)| ["{", "[", "("].contains(it)) => {
                open.pop();
            }
            Kind::Word(word) => {
                let after_dot = matches!(before, Some(Kind::Sign("." | "&.")));
                // `value if condition` opens nothing.
                let begins = match before {
                    None | Some(Kind::Newline) => true,
                    Some(Kind::Sign(sign)) => ![")", "]", "}"].contains(sign),
                    _ => false,
                };
                match BLOCKS.iter().find(|it| *it == word) {
                    _ if after_dot => {}
                    Some(&"do") if do_of_loop => do_of_loop = false,
                    Some(&"do") => open.push((token, "do")),
                    Some(block) if begins => {
                        do_of_loop = ["while", "until", "for"].contains(block);
                        open.push((token, block));
                    }
                    Some(_) => {}
                    None if word == "end" && open.last().is_some_and(|(_, it)| BLOCKS.contains(it)) => {
                        open.pop();
                    }
                    None => {}
                }
            }
            _ => {}
        }
        before = Some(&token.kind);
    }
    Ok(tokens.len())
}

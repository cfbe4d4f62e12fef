//! Strings in quotes: what is between them, or that it cannot be known without running Ruby.

use super::token::{Kind, Lexer, Position, Unreadable, never_closed};

const INTERPOLATION: &str = "\"#{…}\" is not evaluated; write the text itself";
const ESCAPE: &str = "this escape sequence in a string is not supported; write the character itself";

impl Lexer<'_> {
    /// A string in `quote`s, which is next. Strings inside `#{…}` are followed to their ends too.
    pub(super) fn quoted(&mut self, quote: char, at: Position) -> Result<Kind, Unreadable> {
        self.bump();
        let mut text = String::new();
        let mut problem = None;
        loop {
            match self.bump() {
                None => return Err(never_closed(at, "string")),
                Some(it) if it == quote => break,
                Some('\\') if quote == '\'' => match self.peek() {
                    Some(next @ ('\\' | '\'')) => {
                        self.bump();
                        text.push(next);
                    }
                    _ => text.push('\\'),
                },
                Some('\\') => match self.escape() {
                    Some(it) => text.extend(it),
                    None => problem = Some(ESCAPE),
                },
                Some('#') if quote != '\'' && matches!(self.peek(), Some('{' | '$' | '@')) => {
                    problem = Some(INTERPOLATION);
                    if self.peek() == Some('{') {
                        self.interpolated(at)?;
                    }
                }
                Some(it) => text.push(it),
            }
        }
        Ok(problem.map_or(Kind::Text(text), Kind::Unreadable))
    }

    /// From `{` to the `}` that belongs to it, over strings that may interpolate again.
    fn interpolated(&mut self, at: Position) -> Result<(), Unreadable> {
        // What is open, innermost last: a brace or the quote of a string.
        let mut open = Vec::new();
        loop {
            let next = self.bump().ok_or_else(|| never_closed(at, "string"))?;
            match (open.last().copied(), next) {
                (Some(quote @ ('"' | '\'' | '`')), _) => match next {
                    '\\' => self.skip(1),
                    '#' if quote != '\'' && self.peek() == Some('{') => {
                        self.bump();
                        open.push('{');
                    }
                    _ if next == quote => {
                        open.pop();
                    }
                    _ => {}
                },
                (_, '{' | '"' | '\'' | '`') => open.push(next),
                (_, '}') => {
                    open.pop();
                }
                _ => {}
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }

    /// What follows a backslash between double quotes; the inner `None` for nothing, the outer for
    /// what is not supported.
    /// <https://docs.ruby-lang.org/en/3.3/syntax/literals_rdoc.html#label-Escape+Sequences>
    fn escape(&mut self) -> Option<Option<char>> {
        Some(Some(match self.bump()? {
            '\n' => return Some(None),
            '\r' if self.peek() == Some('\n') => {
                self.bump();
                return Some(None);
            }
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            's' => ' ',
            'e' => '\u{1b}',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'u' => return self.unicode().map(Some),
            // Bytes above 127 make no text of their own.
            'x' => char::from_u32(self.hex(2)?).filter(char::is_ascii)?,
            '0' if !self.peek().is_some_and(|it| it.is_digit(8)) => '\0',
            'c' | 'C' | 'M' | '0'..='7' => return None,
            other => other,
        }))
    }

    /// `\uXXXX` or `\u{X…}` with one character.
    fn unicode(&mut self) -> Option<char> {
        if self.peek() != Some('{') {
            return self.four_digits();
        }
        self.bump();
        let found = char::from_u32(self.hex(6)?)?;
        if self.peek() != Some('}') {
            return None;
        }
        self.bump();
        Some(found)
    }

    fn four_digits(&mut self) -> Option<char> {
        let n_before = self.rest.len();
        let found = char::from_u32(self.hex(4)?)?;
        (n_before - self.rest.len() == 4).then_some(found)
    }

    /// Up to `most` hexadecimal digits, at least one.
    fn hex(&mut self, most: usize) -> Option<u32> {
        let mut digits = String::new();
        while digits.len() < most
            && let Some(digit) = self.peek().filter(char::is_ascii_hexdigit)
        {
            digits.push(digit);
            self.bump();
        }
        u32::from_str_radix(&digits, 16).ok()
    }
}

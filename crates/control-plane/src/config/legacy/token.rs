//! The words of a Ruby file. What is not in the subset becomes one unreadable token as long as Ruby would have it, so
//! that what follows is read at the right place.

use std::fmt;

/// From 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::config) struct Position {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[derive(Debug, PartialEq)]
pub(super) struct Unreadable {
    pub at: Position,
    /// What is wrong and what to write; never a value, which may be a secret.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line's end or a semicolon.
    Newline,
    /// A name, constant or keyword.
    Word(String),
    /// `name:` or `"name":`.
    Label(String),
    Symbol(String),
    Text(String),
    Integer(i64),
    Float,
    Sign(&'static str),
    /// What it is, and what to do instead.
    Unreadable(&'static str),
    End,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: Position,
    spaced: bool,
}

const HEREDOC: &str = "a heredoc is not supported; write a string in quotes";
const PERCENT: &str = "a % literal is not supported; write strings in quotes";
const SHELL: &str = "a shell command is not run; write its result in quotes";
const REGEX: &str = "a regular expression is not supported";
const NUMBER: &str = "this number is not supported; write a whole number or one with a decimal point";
const VARIABLE: &str = "a variable is not evaluated; write the value itself";
const CHARACTER: &str = "this character is not expected here";

/// Longest first.
const SIGNS: [&str; 60] = [
    "**=", "||=", "&&=", "<=>", "===", "...", "<<=", ">>=", "=>", "==", "=~", "!=", "!~", "+=", "-=", "*=", "/=", "%=",
    "|=", "&=", "^=", "||", "&&", "::", "..", "<<", ">>", "<=", ">=", "**", "->", "&.", "{", "}", "[", "]", "(", ")",
    ",", "=", ".", ":", "+", "-", "*", "/", "%", "<", ">", "!", "?", "&", "|", "^", "~", "@", "$", "\\", "`", "#",
];

/// Fails only where the rest of the file cannot be told apart: a string, comment or bracket that never ends.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Unreadable> {
    let mut lexer = Lexer {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        at: Position { line: 1, column: 1 },
        tokens: Vec::new(),
        heredocs: Vec::new(),
    };
    while lexer.next()? {}
    let at = lexer.at;
    lexer.tokens.push(Token { kind: Kind::End, at, spaced: true });
    Ok(lexer.tokens)
}

pub(super) struct Lexer<'a> {
    pub rest: &'a str,
    at: Position,
    tokens: Vec<Token>,
    /// Begun on this line: the words that end them, and whether that word may be indented.
    heredocs: Vec<(Position, String, bool)>,
}

impl Lexer<'_> {
    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }

    pub fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let found = chars.next()?;
        self.rest = chars.as_str();
        if found == '\n' {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
        Some(found)
    }

    pub fn skip(&mut self, n: usize) {
        for _ in 0..n {
            self.bump();
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek().filter(|it| wanted(*it)) {
            taken.push(next);
            self.bump();
        }
        taken
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|it| it != '\n') {
            self.bump();
        }
    }

    /// One token or what is between tokens. `false` at the end.
    fn next(&mut self) -> Result<bool, Unreadable> {
        let n_before = self.rest.len();
        loop {
            match self.peek() {
                Some('\r') if self.second() == Some('\n') => self.skip(1),
                Some(' ' | '\t' | '\u{b}' | '\u{c}' | '\r') => self.skip(1),
                // A line goes on after a backslash at its end.
                Some('\\') if self.rest.starts_with("\\\n") || self.rest.starts_with("\\\r\n") => {
                    self.skip_line();
                    self.bump();
                }
                Some('#') => self.skip_line(),
                _ => break,
            }
        }
        let at = self.at;
        let spaced = n_before != self.rest.len() || self.tokens.last().is_none_or(|it| it.kind == Kind::Newline);
        if at.column == 1 && self.is_line("=begin") {
            self.block_comment(at)?;
            return Ok(true);
        }
        if at.column == 1 && matches!(self.rest.lines().next(), Some("__END__")) {
            return Ok(false);
        }
        let Some(first) = self.peek() else {
            return match self.heredocs.first() {
                Some((at, ..)) => Err(never_closed(*at, "heredoc")),
                None => Ok(false),
            };
        };
        let kind = match first {
            '\n' => {
                self.bump();
                self.skip_heredocs()?;
                Kind::Newline
            }
            ';' => {
                self.bump();
                Kind::Newline
            }
            '"' | '\'' => {
                let kind = self.quoted(first, at)?;
                self.label_or(kind)
            }
            '`' => {
                self.quoted('`', at)?;
                Kind::Unreadable(SHELL)
            }
            ':' => self.symbol(at)?,
            '0'..='9' => self.number(),
            '-' if self.begins_value(spaced) && self.second().is_some_and(|it| it.is_ascii_digit()) => self.number(),
            '<' if self.begins_value(spaced) && self.heredoc(at) => Kind::Unreadable(HEREDOC),
            '%' if self.begins_value(spaced) && self.percent_begins() => self.percent(at)?,
            '/' if self.begins_value(spaced) && self.regex() => Kind::Unreadable(REGEX),
            '?' if self.begins_value(spaced) && self.character() => Kind::Unreadable(CHARACTER),
            '$' | '@' => {
                self.take_while(|it| it == '$' || it == '@' || is_word(it));
                Kind::Unreadable(VARIABLE)
            }
            it if is_word(it) => self.word(),
            _ => self.sign(),
        };
        self.tokens.push(Token { kind, at, spaced });
        Ok(true)
    }

    /// Whether a value may begin here, and not an operator between two: after an operator, or after a name with a space
    /// before and none after (`http_proxy "…"`).
    fn begins_value(&self, spaced: bool) -> bool {
        match self.tokens.last().map(|it| &it.kind) {
            None | Some(Kind::Newline | Kind::Label(_)) => true,
            Some(Kind::Sign(sign)) => ![")", "]", "}"].contains(sign),
            Some(Kind::Word(_)) => spaced && self.second().is_some_and(|it| !it.is_whitespace()),
            _ => false,
        }
    }

    fn is_line(&self, word: &str) -> bool {
        self.rest.strip_prefix(word).is_some_and(|it| it.is_empty() || it.starts_with(char::is_whitespace))
    }

    fn block_comment(&mut self, at: Position) -> Result<(), Unreadable> {
        while !self.is_line("=end") {
            self.skip_line();
            if self.bump().is_none() {
                return Err(never_closed(at, "=begin comment"));
            }
        }
        self.skip_line();
        Ok(())
    }

    /// `"name": value` is a label as `name: value` is.
    fn label_or(&mut self, kind: Kind) -> Kind {
        match kind {
            Kind::Text(text) if self.colon_ends_label() => {
                self.bump();
                Kind::Label(text)
            }
            kind => kind,
        }
    }

    fn colon_ends_label(&self) -> bool {
        self.peek() == Some(':') && self.second() != Some(':')
    }

    fn symbol(&mut self, at: Position) -> Result<Kind, Unreadable> {
        match self.second() {
            Some(quote @ ('"' | '\'')) => {
                self.bump();
                Ok(match self.quoted(quote, at)? {
                    Kind::Text(text) => Kind::Symbol(text),
                    other => other,
                })
            }
            Some(it) if is_word(it) && !it.is_ascii_digit() => {
                self.bump();
                let mut name = self.take_while(is_word);
                // `:name=>` is a symbol and an arrow.
                if matches!(self.peek(), Some('?' | '!')) && self.second() != Some('=') {
                    name.extend(self.bump());
                }
                Ok(Kind::Symbol(name))
            }
            _ => Ok(self.sign()),
        }
    }

    fn word(&mut self) -> Kind {
        let mut name = self.take_while(is_word);
        if matches!(self.peek(), Some('?' | '!')) && self.second() != Some('=') {
            name.extend(self.bump());
        }
        if self.colon_ends_label() {
            self.bump();
            return Kind::Label(name);
        }
        Kind::Word(name)
    }

    fn number(&mut self) -> Kind {
        let mut text = String::new();
        if self.peek() == Some('-') {
            text.extend(self.bump());
        }
        text += &self.take_while(is_word);
        let is_decimal = text.trim_start_matches('-').chars().all(|it| it.is_ascii_digit() || it == '_');
        if is_decimal && self.peek() == Some('.') && self.second().is_some_and(|it| it.is_ascii_digit()) {
            text.extend(self.bump());
            text += &self.take_while(is_word);
        }
        // `1e-3`
        if text.ends_with(['e', 'E']) && !text.contains(['x', 'X']) && matches!(self.peek(), Some('-' | '+')) {
            text.extend(self.bump());
            text += &self.take_while(is_word);
        }
        number(&text).unwrap_or(Kind::Unreadable(NUMBER))
    }

    /// Begins a heredoc if one is here: `<<WORD`, `<<-WORD`, `<<~WORD`, the word perhaps in quotes. Its lines are left
    /// out at the end of this one.
    fn heredoc(&mut self, at: Position) -> bool {
        let line = self.rest.lines().next().unwrap_or_default();
        let Some(after) = line.strip_prefix("<<") else { return false };
        let word = after.trim_start_matches(['-', '~']);
        let n_marks = after.len() - word.len();
        let (word, n_quotes) = match word.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => match word.get(1..).and_then(|it| it.split_once(quote)) {
                Some((word, _)) => (word, 2),
                None => return false,
            },
            _ => (word.split(|it| !is_word(it)).next().unwrap_or_default(), 0),
        };
        let is_word_like = word.chars().next().is_some_and(|it| it.is_alphabetic() || it == '_');
        if n_marks > 1 || !is_word_like {
            return false;
        }
        self.heredocs.push((at, word.to_owned(), n_marks == 1));
        self.skip(2 + n_marks + n_quotes + word.chars().count());
        true
    }

    fn skip_heredocs(&mut self) -> Result<(), Unreadable> {
        for (at, word, indented) in std::mem::take(&mut self.heredocs) {
            loop {
                let line = self.rest.lines().next().ok_or_else(|| never_closed(at, "heredoc"))?;
                let is_end = if indented { line.trim() == word } else { line == word };
                self.skip_line();
                self.bump();
                if is_end {
                    break;
                }
            }
        }
        Ok(())
    }

    /// `%w[`, `%q(`, `%{` and the like.
    fn percent_begins(&self) -> bool {
        let mut after = self.rest.chars().skip(1);
        match after.next() {
            Some(letter) if "qQwWiIrsx".contains(letter) => after.next().is_some_and(|it| it.is_ascii_punctuation()),
            Some(mark) => mark.is_ascii_punctuation() && mark != '=',
            None => false,
        }
    }

    fn percent(&mut self, at: Position) -> Result<Kind, Unreadable> {
        self.bump();
        self.take_while(|it| it.is_ascii_alphabetic());
        let Some(open) = self.bump() else { return Err(never_closed(at, "% literal")) };
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        let mut depth = 1_usize;
        while depth > 0 {
            match self.bump() {
                None => return Err(never_closed(at, "% literal")),
                Some('\\') => self.skip(1),
                Some(it) if it == close => depth -= 1,
                Some(it) if it == open => depth += 1,
                Some(_) => {}
            }
        }
        Ok(Kind::Unreadable(PERCENT))
    }

    /// `/…/` on one line; a slash without its fellow is an operator.
    fn regex(&mut self) -> bool {
        const LONGEST: usize = 1000;
        let mut n = 1;
        let mut escaped = false;
        for it in self.rest.chars().skip(1).take(LONGEST) {
            n += 1;
            match it {
                '\n' => return false,
                '/' if !escaped => {
                    self.skip(n);
                    self.take_while(|it| it.is_ascii_alphabetic());
                    return true;
                }
                _ => escaped = it == '\\' && !escaped,
            }
        }
        false
    }

    /// `?x` or `?\n`, a string of one character.
    fn character(&mut self) -> bool {
        let mut after = self.rest.chars().skip(1).peekable();
        let n_backslashes = usize::from(after.next_if_eq(&'\\').is_some());
        let is_one = after.next().is_some_and(|it| !it.is_whitespace()) && !after.next().is_some_and(is_word);
        if is_one {
            self.skip(2 + n_backslashes);
        }
        is_one
    }

    fn sign(&mut self) -> Kind {
        match SIGNS.iter().find(|it| self.rest.starts_with(**it)) {
            Some(sign) => {
                self.skip(sign.len());
                Kind::Sign(sign)
            }
            None => {
                self.bump();
                Kind::Unreadable(CHARACTER)
            }
        }
    }
}

/// <https://docs.ruby-lang.org/en/3.3/syntax/literals_rdoc.html#label-Integer+Literals>
fn number(text: &str) -> Option<Kind> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |it| ("-", it));
    let well_spaced =
        !digits.ends_with('_') && !digits.contains("__") && !digits.contains("_.") && !digits.contains("._");
    let digits = digits.replace('_', "");
    let prefixes = [("0x", 16), ("0X", 16), ("0b", 2), ("0B", 2), ("0o", 8), ("0O", 8), ("0d", 10), ("0D", 10)];
    let prefixed = prefixes.iter().find_map(|(prefix, radix)| Some((digits.strip_prefix(prefix)?, *radix)));
    let is_octal = digits.len() > 1 && digits.starts_with('0') && digits.chars().all(|it| it.is_ascii_digit());
    if !well_spaced {
        return None;
    }
    if digits.contains(['.', 'e', 'E']) && prefixed.is_none() {
        // Ruby wants a digit on either side of the point; the caller saw to it.
        return digits.parse::<f64>().ok().filter(|it| it.is_finite()).map(|_| Kind::Float);
    }
    let (digits, radix) = prefixed.unwrap_or((&digits, if is_octal { 8 } else { 10 }));
    if digits.starts_with('+') {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok().map(Kind::Integer)
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

pub(super) fn never_closed(at: Position, what: &str) -> Unreadable {
    Unreadable { at, text: format!("this {what} never ends, so that nothing after it can be read; close it") }
}

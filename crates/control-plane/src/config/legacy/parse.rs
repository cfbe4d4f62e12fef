//! One statement or value. Nothing is evaluated: what would have to be is an error that says what to write.

use cloud::address::ConnectionPolicy;

use super::{
    statement::{Assignment, BLOCKS, Other},
    token::{Kind, Position, Token, Unreadable},
};

const DEEPEST: usize = 64;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub node: Node,
    pub at: Position,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// In the order of the file; a key may come twice.
    Hash(Vec<(String, Item)>),
    Array(Vec<Item>),
    Text(String),
    /// Symbols and strings are the same thing to the original's hashes.
    Symbol(String),
    Integer(i64),
    /// A scalar that no key of ours takes: what it is.
    Other(&'static str),
}

impl Node {
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Hash(_) => "a hash",
            Node::Array(_) => "an array",
            Node::Text(_) => "text",
            Node::Symbol(_) => "a symbol",
            Node::Integer(_) => "a number",
            Node::Other(what) => what,
        }
    }
}

pub(super) struct Parser<'a> {
    pub rest: &'a [Token],
    /// Where the statement ends.
    pub end: Position,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.rest.first().map(|it| &it.kind)
    }

    fn at(&self) -> Position {
        self.rest.first().map_or(self.end, |it| it.at)
    }

    fn bump(&mut self) -> Option<&Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Kind::Sign(it)) if *it == sign)
    }

    fn skip_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.bump();
        }
        found
    }

    fn skip_newlines(&mut self) {
        while matches!(self.peek(), Some(Kind::Newline)) {
            self.bump();
        }
    }

    fn expected(&self, what: &str) -> Unreadable {
        let found = match self.peek() {
            None | Some(Kind::Newline) => "the end of the line".to_owned(),
            Some(Kind::End) => "the end of the file".to_owned(),
            Some(Kind::Word(word) | Kind::Label(word)) => format!("\"{}\"", word.chars().take(40).collect::<String>()),
            Some(Kind::Symbol(_)) => "a symbol".to_owned(),
            Some(Kind::Text(_)) => "a string".to_owned(),
            Some(Kind::Integer(_) | Kind::Float) => "a number".to_owned(),
            Some(Kind::Sign(sign)) => format!("\"{sign}\""),
            Some(Kind::Unreadable(text)) => return Unreadable { at: self.at(), text: (*text).to_owned() },
        };
        Unreadable { at: self.at(), text: format!("expected {what}, found {found}") }
    }

    /// `app[:configuration] = {…}` or `app[:configuration]["scalr"]["openstack"] = …`, and nothing else.
    pub fn configuration(&mut self) -> Result<Assignment, Unreadable> {
        const FORMS: &str = "app[:configuration] = {…} or app[:configuration][\"…\"] = …, by itself";
        let at = self.at();
        if !matches!(self.peek(), Some(Kind::Word(app)) if app == "app") {
            return Err(self.expected(FORMS));
        }
        self.bump();
        let mut path = self.subscripts()?;
        if path.first().is_none_or(|it| it != "configuration") {
            return Err(Unreadable { at, text: format!("expected {FORMS}, found another key of app") });
        }
        path.remove(0);
        if !self.skip_sign("=") {
            return Err(self.expected("\"=\" or \"[\" after app[:configuration]"));
        }
        self.skip_newlines();
        let value = self.value(path.len())?;
        if self.peek().is_some() {
            return Err(self.expected("the end of the line"));
        }
        Ok(Assignment { at, path, value })
    }

    /// `name[:key] = value`, `name value, value`, `name(value)`, `name = value`.
    pub fn other(&mut self) -> Result<Option<Other>, Unreadable> {
        let at = self.at();
        let Some(Kind::Word(word)) = self.peek() else { return Err(self.expected("a setting")) };
        if BLOCKS.contains(&word.as_str()) || word == "end" {
            return Err(Unreadable { at, text: format!("\"{word}\" is Ruby code, which is not run") });
        }
        let mut name = word.clone();
        self.bump();
        let is_call = match self.peek() {
            Some(Kind::Sign("[")) => {
                for key in self.subscripts()? {
                    name += &format!("[:{key}]");
                }
                false
            }
            Some(Kind::Sign("=")) => false,
            _ => true,
        };
        if is_call {
            let in_parentheses = self.skip_sign("(");
            while self.peek().is_some() && !self.is_sign(")") {
                self.argument()?;
                if !self.skip_sign(",") {
                    break;
                }
                self.skip_newlines();
            }
            if in_parentheses && !self.skip_sign(")") {
                return Err(self.expected("\",\" or \")\""));
            }
            return self.finished(Some(Other { at, name, value: None }));
        }
        if !self.skip_sign("=") {
            return Err(self.expected("\"=\""));
        }
        self.skip_newlines();
        let value = self.value(0)?;
        let is_variable = !name.contains('[');
        self.finished((!is_variable).then_some(Other { at, name, value: Some(value) }))
    }

    fn argument(&mut self) -> Result<(), Unreadable> {
        if matches!(self.peek(), Some(Kind::Label(_))) {
            self.bump();
        }
        self.value(0)?;
        if self.skip_sign("=>") {
            self.value(0)?;
        }
        Ok(())
    }

    fn finished(&self, other: Option<Other>) -> Result<Option<Other>, Unreadable> {
        if self.peek().is_some() { Err(self.expected("the end of the line")) } else { Ok(other) }
    }

    /// `[:a]["b"]…`
    fn subscripts(&mut self) -> Result<Vec<String>, Unreadable> {
        let mut path = Vec::new();
        while self.is_sign("[") {
            if path.len() > DEEPEST {
                return Err(self.too_deep());
            }
            self.bump();
            self.skip_newlines();
            let key = match self.peek() {
                Some(Kind::Symbol(key) | Kind::Text(key)) => key.clone(),
                Some(Kind::Integer(key)) => key.to_string(),
                _ => return Err(self.expected("a key, as in [:name] or [\"name\"]")),
            };
            self.bump();
            self.skip_newlines();
            if !self.skip_sign("]") {
                return Err(self.expected("\"]\""));
            }
            path.push(key);
        }
        Ok(path)
    }

    fn too_deep(&self) -> Unreadable {
        Unreadable { at: self.at(), text: format!("this is nested more than {DEEPEST} deep") }
    }

    /// `depth` hashes and arrays are around it.
    fn value(&mut self, depth: usize) -> Result<Item, Unreadable> {
        let at = self.at();
        if depth > DEEPEST {
            return Err(self.too_deep());
        }
        let node = match self.peek() {
            Some(Kind::Text(text)) => Node::Text(text.clone()),
            Some(Kind::Symbol(name)) => Node::Symbol(name.clone()),
            Some(Kind::Integer(number)) => Node::Integer(*number),
            Some(Kind::Float) => Node::Other("a number with a fraction"),
            Some(Kind::Word(word)) => match word.as_str() {
                "true" | "false" => Node::Other("true or false"),
                "nil" => Node::Other("nil"),
                "ENV" => {
                    return Err(Unreadable { at, text: "ENV[…] is not read; write the value itself".to_owned() });
                }
                word => {
                    let word: String = word.chars().take(40).collect();
                    let text = format!(
                        "\"{word}\" is a variable or a method call and is not evaluated; write the value itself"
                    );
                    return Err(Unreadable { at, text });
                }
            },
            Some(Kind::Sign("{")) => return self.hash(depth).map(|node| Item { node, at }),
            Some(Kind::Sign("[")) => return self.array(depth).map(|node| Item { node, at }),
            _ => return Err(self.expected("a value")),
        };
        self.bump();
        self.no_choice(&node)?;
        Ok(Item { node, at })
    }

    /// The original's manual shows `"local" or "public"` where one of the two is to be written.
    fn no_choice(&self, node: &Node) -> Result<(), Unreadable> {
        let is_or = match self.peek() {
            Some(Kind::Word(word)) => word == "or",
            Some(Kind::Sign(sign)) => ["||", "|"].contains(sign),
            _ => false,
        };
        let (Node::Text(one) | Node::Symbol(one)) = node else { return Ok(()) };
        if !is_or {
            return Ok(());
        }
        // Other texts may be secrets.
        let is_policy = |it: &str| it.parse::<ConnectionPolicy>().is_ok();
        let text = match self.rest.get(1).map(|it| &it.kind) {
            Some(Kind::Text(two) | Kind::Symbol(two)) if is_policy(one) && is_policy(two) => {
                format!("\"{one}\" or \"{two}\" are the values there are; choose one of the two")
            }
            _ => "\"or\" between two values is not evaluated; choose one of the two".to_owned(),
        };
        Err(Unreadable { at: self.at(), text })
    }

    fn hash(&mut self, depth: usize) -> Result<Node, Unreadable> {
        self.bump();
        let mut entries = Vec::new();
        loop {
            self.skip_newlines();
            if self.skip_sign("}") {
                return Ok(Node::Hash(entries));
            }
            let (key, is_label) = match self.peek() {
                Some(Kind::Label(key)) => (key.clone(), true),
                Some(Kind::Text(key) | Kind::Symbol(key)) => (key.clone(), false),
                Some(Kind::Integer(key)) => (key.to_string(), false),
                _ => return Err(self.expected("a key in quotes, a symbol or \"}\"")),
            };
            let at = self.at();
            self.bump();
            if !is_label && !self.skip_sign("=>") {
                return Err(self.expected("\"=>\" after the key"));
            }
            self.skip_newlines();
            let value = self.value(depth + 1)?;
            entries.push((key, Item { at, ..value }));
            self.skip_newlines();
            if !self.skip_sign(",") && !self.is_sign("}") {
                return Err(self.expected("\",\" or \"}\""));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Node, Unreadable> {
        self.bump();
        let mut items = Vec::new();
        loop {
            self.skip_newlines();
            if self.skip_sign("]") {
                return Ok(Node::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.skip_newlines();
            if !self.skip_sign(",") && !self.is_sign("]") {
                return Err(self.expected("\",\" or \"]\""));
            }
        }
    }
}

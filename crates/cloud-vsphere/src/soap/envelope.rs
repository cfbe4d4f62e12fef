use std::{fmt, time::Duration};

use crate::soap::answer::Piece;

/// A managed object reference: `VirtualMachine` and `vm-53`. Unique within one vCenter only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MoRef {
    pub kind: String,
    pub id: String,
}

impl MoRef {
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        MoRef { kind: kind.into(), id: id.into() }
    }
}

impl fmt::Display for MoRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

/// One call of a method, without what the session adds.
#[derive(Clone)]
pub struct Call {
    pub method: &'static str,
    /// May be sent again when its answer is lost.
    pub only_reads: bool,
    /// Of an answer that is read as a list.
    pub piece: Piece,
    /// How long the vCenter may hold the answer back.
    pub waits: Option<Duration>,
    body: String,
}

impl Call {
    /// A call that changes nothing but our own session.
    pub fn new(method: &'static str, this: &MoRef) -> Self {
        let body = format!("<{method} xmlns=\"urn:vim25\">");
        Call { method, only_reads: true, piece: Piece::Entry, waits: None, body }.reference("_this", this)
    }

    /// A call that is sent once: when its answer is lost, nobody knows whether it was done.
    pub fn change(method: &'static str, this: &MoRef) -> Self {
        Call { only_reads: false, ..Call::new(method, this) }
    }

    /// The answer is updates, which come when there are some, and at the latest after `at_most`.
    pub fn updates(self, at_most: Duration) -> Self {
        Call { piece: Piece::Update, waits: Some(at_most), ..self }
    }

    pub fn reference(self, name: &str, to: &MoRef) -> Self {
        let kind = escape(&to.kind);
        self.raw(&format!("<{name} type=\"{kind}\">{}</{name}>", escape(&to.id)))
    }

    pub fn text(self, name: &str, text: &str) -> Self {
        self.raw(&format!("<{name}>{}</{name}>", escape(text)))
    }

    /// Adds XML that holds nothing from outside unescaped.
    pub fn raw(mut self, xml: &str) -> Self {
        self.body.push_str(xml);
        self
    }

    /// The document to send. A vCenter writes the operation id to its logs as `opID`.
    pub fn envelope(&self, operation_id: &str) -> String {
        let Call { method, body, .. } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Header><operationID>{operation_id}</operationID>\
             </Header><Body>{body}</{method}></Body></Envelope>"
        )
    }
}

/// Only the method: the body of `Login` holds the password.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.method)
    }
}

/// Text as it may stand in an element or an attribute. Characters that XML 1.0 cannot carry are left out.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // A reader would make it a line feed.
            '\r' => escaped.push_str("&#13;"),
            '\t' | '\n' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

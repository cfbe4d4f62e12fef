use quick_xml::{Error as XmlError, Reader, errors::IllFormedError, events::Event};

/// One tag or one run of text. A tag of a vCenter is below a kilobyte; annotations of machines are the longest texts.
const MAX_TOKEN: usize = 4 << 20;
/// The longest names of the API are below a hundred.
const MAX_NAME: usize = 1 << 10;
/// Answers of a vCenter are about twenty deep.
const MAX_DEPTH: usize = 200;

/// The answer is no XML, or uses parts of it that SOAP forbids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

fn malformed<T>(text: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(text.into()))
}

/// Takes the events of a document in their order. Names are without their prefix.
pub trait Sink {
    fn start(&mut self, name: &str, types: Types<'_>) -> Result<(), Malformed>;
    /// May come in several parts for one run of text.
    fn text(&mut self, text: &str) -> Result<(), Malformed>;
    fn end(&mut self) -> Result<(), Malformed>;
}

/// The only two attributes that a vCenter uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Types<'a> {
    /// `type` of a managed object reference, else empty.
    pub object: &'a str,
    /// `xsi:type` without its prefix, else empty.
    pub value: &'a str,
}

/// Reads a document that arrives in pieces, however they are cut. Memory: one piece and the beginning of a token.
#[derive(Debug, Default)]
pub struct Parser {
    /// What was not yet a whole token.
    pending: Vec<u8>,
    /// Names of the open elements, one after the other, and the length of each.
    names: String,
    lengths: Vec<usize>,
    has_begun: bool,
    is_over: bool,
}

impl Parser {
    pub fn feed(&mut self, piece: &[u8], sink: &mut impl Sink) -> Result<(), Malformed> {
        let mut input = std::mem::take(&mut self.pending);
        input.extend_from_slice(piece);
        let text = match std::str::from_utf8(&input) {
            Ok(text) => text,
            Err(err) if err.error_len().is_some() => return malformed("it is not UTF-8"),
            // A character may be cut in two.
            Err(err) => std::str::from_utf8(&input[..err.valid_up_to()]).unwrap_or_default(),
        };
        let n_consumed = self.tokens(text, sink)?;
        input.drain(..n_consumed);
        if input.len() > MAX_TOKEN {
            return malformed(format!("a single tag or text is longer than {MAX_TOKEN} bytes"));
        }
        self.pending = input;
        Ok(())
    }

    /// To be called after the last piece.
    pub fn finish(&self) -> Result<(), Malformed> {
        if !self.is_over || !self.pending.iter().all(u8::is_ascii_whitespace) {
            return malformed("it ends in the middle");
        }
        Ok(())
    }

    /// Returns how many bytes were whole tokens.
    fn tokens(&mut self, text: &str, sink: &mut impl Sink) -> Result<usize, Malformed> {
        let mut n_consumed = 0;
        // The reader drops a byte order mark at its beginning, which is ours only once.
        while self.has_begun && text[n_consumed..].starts_with('\u{feff}') {
            self.text("\u{feff}", sink)?;
            n_consumed += '\u{feff}'.len_utf8();
        }
        let rest = &text[n_consumed..];
        let mut reader = Reader::from_str(rest);
        let config = reader.config_mut();
        // The names are checked here instead, because each piece has its own reader.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        let mut n_read = 0;
        loop {
            let event = match reader.read_event() {
                Ok(event) => event,
                // Every error of syntax is one of input that ends too early.
                Err(XmlError::Syntax(_)) => break,
                // The same, unless something else began before the semicolon.
                Err(XmlError::IllFormed(IllFormedError::UnclosedReference))
                    if !rest[n_read..].get(1..).unwrap_or_default().contains(['<', '&']) =>
                {
                    break;
                }
                Err(err) => return malformed(err.to_string()),
            };
            let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match event {
                Event::Eof => break,
                // May go on in the next piece.
                Event::Text(_) | Event::GeneralRef(_) if position >= rest.len() => break,
                Event::Start(tag) => self.start(tag.name().as_ref(), tag.attributes_raw(), &tag, sink)?,
                Event::Empty(tag) => {
                    self.start(tag.name().as_ref(), tag.attributes_raw(), &tag, sink)?;
                    self.end(tag.name().as_ref(), sink)?;
                }
                Event::End(tag) => self.end(tag.name().as_ref(), sink)?,
                Event::Text(text) => self.text(&text.xml10_content(), sink)?,
                Event::CData(text) => self.text(&text.xml10_content(), sink)?,
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().map_err(|err| Malformed(err.to_string()))?;
                    match (character, quick_xml::escape::resolve_xml_entity(&reference)) {
                        (Some(character), _) => self.text(character.encode_utf8(&mut [0; 4]), sink)?,
                        (None, Some(text)) => self.text(text, sink)?,
                        (None, None) => return malformed(format!("the entity &{};", &*reference)),
                    }
                }
                // SOAP 1.1 §3 forbids both; a document type could define entities that grow.
                Event::DocType(_) => return malformed("it has a document type (an HTML page?)"),
                Event::PI(_) => return malformed("it has a processing instruction"),
                Event::Decl(_) if self.has_begun => return malformed("a declaration in the middle"),
                Event::Decl(_) | Event::Comment(_) => {}
            }
            n_read = position;
        }
        Ok(n_consumed + n_read)
    }

    fn start(
        &mut self,
        name: &str,
        attributes: &str,
        tag: &quick_xml::events::BytesStart<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), Malformed> {
        if self.is_over {
            return malformed("it goes on after its end");
        }
        if name.len() > MAX_NAME {
            return malformed(format!("a name is longer than {MAX_NAME} bytes"));
        }
        if self.lengths.len() >= MAX_DEPTH {
            return malformed(format!("elements are nested more than {MAX_DEPTH} deep"));
        }
        self.has_begun = true;
        self.names.push_str(name);
        self.lengths.push(name.len());
        if !attributes.contains("type") {
            return sink.start(local(name), Types::default());
        }
        let (mut object, mut value) = (None, None);
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|err| Malformed(err.to_string()))?;
            match attribute.key.as_ref() {
                "type" => object = Some(attribute.value),
                key if local(key) == "type" => value = Some(attribute.value),
                _ => {}
            }
        }
        let types = Types {
            object: object.as_deref().unwrap_or_default(),
            value: value.as_deref().map(local).unwrap_or_default(),
        };
        sink.start(local(name), types)
    }

    fn end(&mut self, name: &str, sink: &mut impl Sink) -> Result<(), Malformed> {
        let begin = self.lengths.pop().map(|it| self.names.len() - it);
        match begin {
            Some(begin) if self.names[begin..] == *name => self.names.truncate(begin),
            Some(begin) => return malformed(format!("<{}> ends with </{name}>", &self.names[begin..])),
            None => return malformed(format!("</{name}> without a beginning")),
        }
        self.is_over = self.lengths.is_empty();
        sink.end()
    }

    fn text(&mut self, text: &str, sink: &mut impl Sink) -> Result<(), Malformed> {
        if !self.lengths.is_empty() {
            return sink.text(text);
        }
        if text.trim().is_empty() { Ok(()) } else { malformed("text outside the document") }
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

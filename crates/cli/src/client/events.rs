//! Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use futures_util::{StreamExt, stream::BoxStream};
use serde_json::Value;

use super::{Call, Client};
use crate::failure::{Failure, Outcome};

/// A longer line is no event of ours.
const LONGEST: usize = 16 << 20;

#[derive(Debug, Default, PartialEq)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: Value,
}

/// An open stream. What has come is kept until its event is whole.
pub struct Events<'a> {
    client: &'a Client,
    chunks: BoxStream<'static, reqwest::Result<Vec<u8>>>,
    parser: Parser,
}

impl Client {
    /// After the event `last`; `None`: from now on.
    pub async fn events(&self, path: &str, last: Option<&str>) -> Outcome<Events<'_>> {
        let request = self.request(&Call::get(path), last)?;
        let response = self.http.execute(request).await.map_err(|err| self.unreachable(&err))?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let chunks = response.bytes_stream().map(|it| it.map(|bytes| bytes.to_vec())).boxed();
        Ok(Events { client: self, chunks, parser: Parser::default() })
    }
}

impl Events<'_> {
    /// `None` when the server ended the stream.
    pub async fn next(&mut self) -> Outcome<Option<Event>> {
        loop {
            if let Some(event) = self.parser.event()? {
                return Ok(Some(event));
            }
            match self.chunks.next().await {
                Some(Ok(chunk)) => self.parser.buffer.extend(chunk),
                Some(Err(err)) => return Err(self.client.unreachable(&err)),
                None => return Ok(None),
            }
        }
    }
}

#[derive(Default)]
struct Parser {
    buffer: Vec<u8>,
    event: Event,
    data: String,
}

impl Parser {
    /// The next whole event of what has come.
    fn event(&mut self) -> Outcome<Option<Event>> {
        while let Some(end) = self.buffer.iter().position(|it| *it == b'\n') {
            let line: Vec<u8> = self.buffer.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if line.is_empty() {
                let event = std::mem::take(&mut self.event);
                let data = std::mem::take(&mut self.data);
                if data.is_empty() {
                    continue;
                }
                let data = serde_json::from_str(&data)
                    .map_err(|err| Failure::Other(anyhow::anyhow!("an event of the stream cannot be read: {err}")))?;
                return Ok(Some(Event { data, ..event }));
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut self.event.name),
                "id" => value.clone_into(&mut self.event.id),
                "data" => {
                    if !self.data.is_empty() {
                        self.data.push('\n');
                    }
                    self.data.push_str(value);
                }
                // Comments keep the connection open.
                _ => {}
            }
        }
        if self.buffer.len() > LONGEST {
            return Err(Failure::Other(anyhow::anyhow!("a line of the stream is longer than {LONGEST} bytes")));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whatever the pieces are that the text comes in.
    #[test]
    fn events_in_pieces() {
        let text = ": hi\n\nevent: check\nid: 7\ndata: {\"a\":\ndata: 1}\n\r\nevent: end\ndata: {}\n\n";
        for size in 1..text.len() {
            let mut parser = Parser::default();
            let mut events = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                parser.buffer.extend(chunk);
                while let Some(event) = parser.event().unwrap() {
                    events.push(event);
                }
            }
            let check = Event { name: "check".to_owned(), id: "7".to_owned(), data: json!({ "a": 1 }) };
            let end = Event { name: "end".to_owned(), id: String::new(), data: json!({}) };
            assert_eq!(events, [check, end], "pieces of {size}");
        }
    }
}

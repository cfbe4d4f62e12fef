//! HTTP/1.1 as it is on the wire: for a tap between two others, and for a client that does nothing else.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use anyhow::{Context, Result, ensure};

/// A request or an answer, whole.
#[derive(Clone)]
pub struct Message {
    pub first_line: String,
    /// In their order; names in small letters. None that say where the body ends.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// How long a body is that does not say it.
#[derive(Clone, Copy, PartialEq)]
pub enum Unsaid {
    /// Of a request.
    Nothing,
    /// Of an answer.
    UntilTheEnd,
    /// Of an answer to HEAD, whatever it says.
    NothingAtAll,
}

impl Message {
    /// `None` where the other side has ended instead.
    pub fn read(stream: &mut BufReader<TcpStream>, unsaid: Unsaid) -> Result<Option<Message>> {
        let mut first_line = String::new();
        if stream.read_line(&mut first_line)? == 0 {
            return Ok(None);
        }
        let mut it = Message { first_line: first_line.trim_end().to_owned(), headers: Vec::new(), body: Vec::new() };
        let (mut n_bytes, mut is_chunked, mut line) = (None, false, String::new());
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let (name, value) = (name.to_lowercase(), value.trim());
            match name.as_str() {
                "content-length" => n_bytes = Some(value.parse()?),
                "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => {}
                _ => it.headers.push((name, value.to_owned())),
            }
        }
        match (n_bytes, unsaid) {
            _ if unsaid == Unsaid::NothingAtAll || it.has_no_body() => {}
            _ if is_chunked => it.read_chunks(stream)?,
            (Some(n_bytes), _) => {
                it.body.resize(n_bytes, 0);
                stream.read_exact(&mut it.body)?;
            }
            (None, Unsaid::UntilTheEnd) => {
                stream.read_to_end(&mut it.body)?;
            }
            (None, _) => {}
        }
        Ok(Some(it))
    }

    fn read_chunks(&mut self, stream: &mut BufReader<TcpStream>) -> Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let n_bytes = usize::from_str_radix(line.trim(), 16).with_context(|| format!("no size: {line:?}"))?;
            let begin = self.body.len();
            // With the end of the line after it.
            self.body.resize(begin + n_bytes + 2, 0);
            stream.read_exact(&mut self.body[begin..])?;
            self.body.truncate(begin + n_bytes);
            if n_bytes == 0 {
                return Ok(());
            }
        }
    }

    /// RFC 9110 §15.3.5.
    fn has_no_body(&self) -> bool {
        self.first_line.starts_with("HTTP/") && self.status() == 204
    }

    pub fn write(&self, stream: &mut TcpStream, more: &str) -> Result<()> {
        let mut head = format!("{}\r\n", self.first_line);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.has_no_body() {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        let mut bytes = format!("{head}{more}\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        Ok(stream.write_all(&bytes)?)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// Of an answer; 0 where it has none.
    pub fn status(&self) -> u16 {
        self.first_line.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends one request after the other.
pub struct Connection {
    place: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// `place` is `host:port`.
    pub fn to(place: &str) -> Result<Connection> {
        let stream = TcpStream::connect(place).with_context(|| format!("cannot connect to {place}"))?;
        stream.set_nodelay(true)?;
        Ok(Connection { place: place.to_owned(), stream: BufReader::new(stream) })
    }

    pub fn send(&mut self, request: &Message) -> Result<Message> {
        request.write(self.stream.get_mut(), "")?;
        Message::read(&mut self.stream, Unsaid::UntilTheEnd)?.context("the cloud ended the connection")
    }

    /// JSON both ways. `headers` are lines; an answer that is no success is an error.
    pub fn json(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> Result<Message> {
        let own = [("host", self.place.as_str()), ("content-type", "application/json")];
        let headers = own.iter().chain(headers).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let first_line = format!("{line} HTTP/1.1");
        let request = Message { first_line, headers: headers.collect(), body: body.as_bytes().to_vec() };
        let answer = self.send(&request)?;
        ensure!((200..300).contains(&answer.status()), "{line}: {}: {}", answer.first_line, answer.text());
        Ok(answer)
    }
}

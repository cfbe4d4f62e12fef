//! Requests to clouds made by hand, over plain HTTP.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use anyhow::{Context, Result};

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|it| it.split_once(": "));
        lines.into_iter().find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1.trim())
    }
}

/// Each by a connection of its own, which the server closes.
pub fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
    let (host, path) = url.strip_prefix("http://").and_then(|it| it.split_once('/')).context("no http:// URL")?;
    let mut stream = TcpStream::connect(host)?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let request = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).context("no status")?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

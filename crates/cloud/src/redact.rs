use secrecy::{ExposeSecret, SecretString};

/// Text of a server without the secrets that it was sent, for messages that are stored: servers send back what they
/// got, in the spelling of their answer. To be called before the text is cut. Finds each secret as it is, and as JSON
/// (also the one of Python and of Rust's messages), XML and URLs write it.
pub fn without<'a>(text: &str, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
    let secrets: Vec<&str> = secrets.into_iter().map(ExposeSecret::expose_secret).filter(|it| !it.is_empty()).collect();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let ends = secrets.iter().flat_map(|secret| SPELLINGS.map(|spelling| n_matched(rest, secret, spelling)));
        match ends.flatten().max() {
            Some(n_bytes) => {
                clean.push_str("[secret]");
                rest = &rest[n_bytes..];
            }
            None => {
                clean.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    clean
}

/// Reads one character that is written in a special way, and returns the rest.
type Spelling = fn(&str) -> Option<(char, &str)>;

const SPELLINGS: [Spelling; 4] = [|_| None, json, xml, percent];

/// How many bytes of `text` are the secret.
fn n_matched(text: &str, secret: &str, spelling: Spelling) -> Option<usize> {
    let mut rest = text;
    for wanted in secret.chars() {
        rest = match spelling(rest) {
            Some((character, after)) => (character == wanted).then_some(after)?,
            None => rest.strip_prefix(wanted)?,
        };
    }
    Some(text.len() - rest.len())
}

/// RFC 8259 §7, and what Rust's `Debug` writes besides.
fn json(text: &str) -> Option<(char, &str)> {
    let escaped = text.strip_prefix('\\')?;
    let character = escaped.chars().next()?;
    let after = &escaped[character.len_utf8()..];
    let plain = match character {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '"' | '\'' | '\\' | '/' => character,
        'u' => return rust_unicode(after).or_else(|| json_unicode(after)),
        _ => return None,
    };
    Some((plain, after))
}

/// `{1f980}`
fn rust_unicode(text: &str) -> Option<(char, &str)> {
    let (digits, after) = until(text.strip_prefix('{')?, b'}')?;
    Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, after))
}

/// `00e9`, or `d83e\udd80` for what does not fit.
fn json_unicode(text: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
    let first = unit(text)?;
    let (units, after) = match text[4..].strip_prefix("\\u").filter(|_| (0xd800..0xdc00).contains(&first)) {
        Some(second) => (vec![first, unit(second)?], &second[4..]),
        None => (vec![first], &text[4..]),
    };
    Some((char::decode_utf16(units).next()?.ok()?, after))
}

/// What stands before and after `end`, which is near.
fn until(text: &str, end: u8) -> Option<(&str, &str)> {
    let at = text.bytes().take(10).position(|it| it == end)?;
    Some((&text[..at], &text[at + 1..]))
}

fn xml(text: &str) -> Option<(char, &str)> {
    let (name, after) = until(text.strip_prefix('&')?, b';')?;
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
            Some(digits) => number(digits, 16)?,
            None => number(name.strip_prefix('#')?, 10)?,
        },
    };
    Some((character, after))
}

/// RFC 3986 §2.1: the bytes of one character in UTF-8.
fn percent(text: &str) -> Option<(char, &str)> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while bytes.len() < 4 {
        rest = rest.strip_prefix('%')?;
        bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
        rest = &rest[2..];
        if let Ok(text) = std::str::from_utf8(&bytes) {
            return Some((text.chars().next()?, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "pä\"ss<&>'\\🦀/%w\t1";

    fn check(echoed: &str) {
        let secrets = [SecretString::from(SECRET), SecretString::from("gAAAA-token")];
        let text = format!("before {echoed} between gAAAA-token after");
        assert_eq!(without(&text, &secrets), "before [secret] between [secret] after", "{echoed}");
    }

    #[test]
    fn a_secret_is_found_in_every_spelling() {
        check(SECRET);
        let json = serde_json::to_string(SECRET).unwrap();
        check(json.trim_matches('"'));
        // As Python's json.dumps and PHP write it.
        check(r#"p\u00e4\"ss<&>'\\\ud83e\udd80/%w\t1"#);
        check(r#"p\u00E4\"ss\u003c&>'\\\ud83e\udd80\/%w\t1"#);
        check("pä&quot;ss&lt;&amp;&gt;&#39;\\🦀/%w&#x9;1");
        check("p&#228;&#34;ss&lt;&amp;>&apos;\\&#x1F980;/%w\t1");
        check("p%C3%A4%22ss%3C%26%3E%27%5C%F0%9F%A6%80%2f%25w%091");
        let debug = format!("{SECRET:?}");
        check(debug.trim_matches('"'));
    }

    #[test]
    fn what_is_no_secret_stays() {
        let none: [SecretString; 1] = ["".into()];
        for text in ["", "a \\u00 %zz &; \\", "&#xffffffff; %e4%", "\\ud83e\\u", "ü%C3"] {
            assert_eq!(without(text, &none), text);
            assert_eq!(without(text, &[SecretString::from("other")]), text);
        }
        assert_eq!(without("passpassword", &[SecretString::from("password")]), "pass[secret]");
    }
}

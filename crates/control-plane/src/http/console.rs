//! The web console: files made by `ui/`, and the one page that shows them all.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::not_found;
use crate::http::error::ApiError;

/// Read from the folder while developing, part of the program when built for release.
#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
struct Files;

/// Nothing from elsewhere, in no frame. Styles may stand in the page: the components write their sizes there.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What no route of the API answers: a file of the console, or its page, whose script reads the rest of the address.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let wants_page = headers.get(header::ACCEPT).is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if method != Method::GET && method != Method::HEAD || path.starts_with("api/") {
        return not_found().into_response();
    }
    if let Some(response) = file(path, &headers).filter(|_| path != "index.html") {
        return response;
    }
    if !path.is_empty() && !wants_page {
        return not_found().into_response();
    }
    file("index.html", &headers).unwrap_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "EndpointNotFound", "this program was built without the console")
            .remedy("run `cargo xtask console` and build again; the API is at /api/v1beta0/")
            .into_response()
    })
}

/// Large ones lie compressed beside themselves, the best first; nothing is compressed while a browser waits.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

fn file(path: &str, asked: &HeaderMap) -> Option<Response> {
    for (encoding, ending) in ENCODINGS.iter().filter(|it| accepts(asked, it.0)) {
        if let Some(compressed) = Files::get(&format!("{path}.{ending}")) {
            let mut response = answer(path, compressed, asked);
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            return Some(response);
        }
    }
    Files::get(path).map(|it| answer(path, it, asked))
}

/// RFC 9110 §12.5.3. One that has the weight of zero is refused.
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(',')).any(
        |it| {
            let (name, parameters) = it.split_once(';').unwrap_or((it, ""));
            let weight = parameters.trim().strip_prefix("q=").and_then(|it| it.parse::<f32>().ok());
            name.trim().eq_ignore_ascii_case(encoding) && weight != Some(0.0)
        },
    )
}

fn answer(path: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    // The names of assets change with what is in them.
    let age = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known = asked.get(header::IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data.into_owned()))
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(age));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Of the kinds of files the console has.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

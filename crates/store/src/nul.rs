use std::borrow::Cow;

/// For texts that come from outside and must be stored whatever they are: PostgreSQL takes every character but NUL.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

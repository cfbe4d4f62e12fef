use jiff::Timestamp;

/// How long ago, in words: `just now`, `3 minutes ago`, `in 5 days`.
pub fn ago(time: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - time.as_second();
    match seconds {
        -1..=1 => "just now".to_owned(),
        it if it > 0 => format!("{} ago", span(it)),
        it => format!("in {}", span(-it)),
    }
}

/// The two largest units are enough; of those, the smaller only where it tells much.
fn span(seconds: i64) -> String {
    let units = [("year", 365 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let (name, size) = units.into_iter().find(|(_, size)| seconds >= *size).unwrap_or(("second", 1));
    let count = seconds / size;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// As [`ago`], of a time as the API writes it; what is no time stays as it is.
pub fn ago_text(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |time| ago(time, Timestamp::now()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_words() {
        let now: Timestamp = "2026-11-22T03:42:38Z".parse().unwrap();
        let check = |time: &str, expected: &str| assert_eq!(ago(time.parse().unwrap(), now), expected);
        check("2026-11-22T03:42:38Z", "just now");
        check("2026-11-22T03:42:36Z", "2 seconds ago");
        check("2026-11-22T03:41:00Z", "1 minute ago");
        check("2026-11-22T00:00:00Z", "3 hours ago");
        check("2026-11-01T00:00:00Z", "21 days ago");
        check("2024-11-01T00:00:00Z", "2 years ago");
        check("2026-11-28T03:42:38Z", "in 6 days");
    }

    #[test]
    fn what_is_no_time_stays() {
        assert_eq!(ago_text("soon"), "soon");
    }
}

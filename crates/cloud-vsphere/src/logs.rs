//! Logs of a vCenter and of its hosts (`DiagnosticManager`).

use cloud::{
    CloudError,
    log::{Log, LogLines, LogPart, LogStart},
};

use crate::{
    inventory::Place,
    soap::{
        envelope::{Call, MoRef},
        tree::Node,
    },
};

/// Of the texts of all lines together.
const MOST_BYTES: usize = 1 << 20;
/// A vCenter gives 500 lines an answer and a host 1000, however many are asked for
/// (https://github.com/vmware/govmomi/blob/main/object/diagnostic_log.go).
const MOST_CALLS: usize = 10;

/// `QueryDescriptions`. Logs that are no plain text cannot be browsed and are left out.
pub async fn list(place: &Place<'_>, host: Option<&str>) -> Result<Vec<Log>, CloudError> {
    let call = of_host(Call::new("QueryDescriptions", &manager(place).await?), host);
    let read = |node: Node<'_>| node.children().filter(|it| it.name() == "returnval").filter_map(log).collect();
    Ok(place.vcenter.call(|_| call.clone(), read).await?)
}

/// `DiagnosticManagerLogDescriptor`.
fn log(node: Node<'_>) -> Option<Log> {
    let info = node.child("info");
    let text = |name: &str| info.map(|it| it.get(name).to_owned()).filter(|it| !it.is_empty());
    (node.get("format") == "plain").then(|| Log {
        key: node.get("key").to_owned(),
        file_name: node.get("fileName").to_owned(),
        creator: node.get("creator").to_owned(),
        label: text("label"),
        summary: text("summary"),
    })
}

pub async fn lines(place: &Place<'_>, part: &LogPart) -> Result<LogLines, CloudError> {
    let n_lines = usize::try_from(part.n_lines).unwrap_or(usize::MAX);
    let first = match part.from {
        LogStart::Line(line) => line,
        // Nothing comes of lines beyond the end but the number of the last one, as `govc logs` asks.
        LogStart::Tail => {
            browse(place, part, i32::MAX.unsigned_abs(), None).await?.end.saturating_sub(part.n_lines) + 1
        }
    };
    let mut found = LogLines { first, lines: Vec::new(), next: first, is_at_end: false };
    let mut n_bytes = 0;
    for n_calls in 0..MOST_CALLS {
        let n_wanted = n_lines.saturating_sub(found.lines.len());
        if n_wanted == 0 {
            break;
        }
        let piece = browse(place, part, found.next, Some(n_wanted)).await?;
        if n_calls == 0 && !piece.lines.is_empty() {
            (found.first, found.next) = (piece.start, piece.start);
        }
        // Lines that were had already do not count: a log that is asked for more than it has may repeat its end.
        let n_known = usize::try_from(found.next.saturating_sub(piece.start)).unwrap_or(usize::MAX);
        let mut lines = piece.lines.into_iter().skip(n_known).take(n_wanted).peekable();
        if lines.peek().is_none() {
            found.is_at_end = true;
            break;
        }
        found.next = found.next.max(piece.start);
        for mut line in lines {
            if found.lines.is_empty() {
                line.truncate(line.floor_char_boundary(MOST_BYTES));
            }
            n_bytes += line.len();
            if n_bytes > MOST_BYTES {
                return Ok(found);
            }
            found.lines.push(line);
            found.next += 1;
        }
    }
    Ok(found)
}

/// `DiagnosticManagerLogHeader`.
struct Piece {
    start: u32,
    end: u32,
    lines: Vec<String>,
}

/// `BrowseDiagnosticLog`.
async fn browse(place: &Place<'_>, part: &LogPart, start: u32, n_lines: Option<usize>) -> Result<Piece, CloudError> {
    let manager = manager(place).await?;
    let mut call = of_host(Call::new("BrowseDiagnosticLog", &manager), part.host.as_deref()).text("key", &part.key);
    // Without, it begins at the top, whatever the number of the first line is.
    if start > 1 {
        call = call.text("start", &start.to_string());
    }
    if let Some(n_lines) = n_lines {
        call = call.text("lines", &n_lines.to_string());
    }
    let read = |node: Node<'_>| {
        let header = node.child("returnval")?;
        let lines = header.children().filter(|it| it.name() == "lineText");
        Some(Piece {
            start: header.get("lineStart").parse().ok()?,
            end: header.get("lineEnd").parse().ok()?,
            lines: lines.map(|it| it.text().to_owned()).collect(),
        })
    };
    let piece = place.vcenter.call(|_| call.clone(), read).await?;
    let unreadable = || place.vcenter.unreadable(call.method, "it does not say which lines these are".to_owned());
    Ok(piece.ok_or_else(unreadable)?)
}

fn of_host(call: Call, host: Option<&str>) -> Call {
    match host {
        Some(host) => call.reference("host", &MoRef::new("HostSystem", host)),
        None => call,
    }
}

async fn manager(place: &Place<'_>) -> Result<MoRef, CloudError> {
    let session = place.vcenter.session().await?;
    let manager = session.content.diagnostic_manager.clone();
    manager.ok_or_else(|| CloudError::Unsupported(format!("{} keeps no logs to browse", place.vcenter.origin)))
}

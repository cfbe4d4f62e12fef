//! Logs that a cloud keeps of itself, asked when somebody looks.

use api_types::cloud_logs::{CloudLog, CloudLogLines};
use axum::extract::State;
use cloud::log::{LogPart, LogStart};
use serde::Deserialize;
use serde_json::json;

use super::{
    caller::{Caller, Change},
    error::{ApiError, ApiResult},
    extract::{Path, Query},
    inventory::{LocationPath, asked},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, get},
};
use crate::{app::App, permission::Permission as P};

const LINES: u32 = 200;
const MOST_LINES: u32 = 1000;
const QUERY: &[(&str, &str)] = &[
    ("host", "Id of the host whose log it is; without, it is one of the vCenter itself."),
    ("start", "Number of the first line, from 1; without, the answer has the last lines of the log."),
    ("lines", "How many lines at most: 1 to 1000; default 200. Fewer come where they have more than 1 MiB."),
];

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!("/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/cloud-logs/", $rest)
        };
    }
    // Logs tell of all who use the cloud, so to see them takes more than to see what is in it.
    routes
        .add(
            get(below!(""), Needs(P::CloudLogsShow), "List the logs of a vCenter, or of one of its hosts")
                .lists::<CloudLog>(&["host"]),
            list,
        )
        .add(
            get(below!("{logId}/"), Needs(P::CloudLogsShow), "Get lines of a log; each reading is in the audit log")
                .gives::<CloudLogLines>()
                .query(QUERY),
            show,
        );
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<LocationPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<CloudLog>>> {
    let asked = asked(&app, &caller, &path, "logs").await?;
    let host = query.filter("host");
    let found = asked.connected.cloud().logs(&asked.location, host).await?;
    let views = found.into_iter().map(|it| CloudLog {
        id: it.key,
        file_name: it.file_name,
        creator: it.creator,
        label: it.label,
        summary: it.summary,
        host: host.map(ToOwned::to_owned),
    });
    Ok(Reply::list(query.page_of(views.collect()), &query))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogPath {
    #[serde(flatten)]
    at: LocationPath,
    log_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    host: Option<String>,
    start: Option<u32>,
    lines: Option<u32>,
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(LogPath { at, log_id }): Path<LogPath>,
    Query(Wanted { host, start, lines }): Query<Wanted>,
) -> ApiResult<Reply<CloudLogLines>> {
    let n_lines = lines.unwrap_or(LINES);
    if !(1..=MOST_LINES).contains(&n_lines) {
        return Err(ApiError::value(format!("lines is 1 to {MOST_LINES}")));
    }
    let from = match start {
        None => LogStart::Tail,
        Some(line) if (1..=i32::MAX.unsigned_abs()).contains(&line) => LogStart::Line(line),
        Some(_) => return Err(ApiError::value(format!("start is 1 to {}", i32::MAX))),
    };
    let asked = asked(&app, &caller, &at, "logs").await?;
    let part = LogPart { host, key: log_id, from, n_lines };
    let found = asked.connected.cloud().log_lines(&asked.location, &part).await?;
    let seen = json!({
        "cloudLocation": asked.location, "host": part.host, "firstLine": found.first, "nextLine": found.next,
    });
    let mut tx = app.db.write().await?;
    caller.record(&mut tx, &app, Change::new("cloud-logs", "read", &part.key, &part.key).after(&seen)).await?;
    tx.commit().await?;
    app.wake_streams();
    Ok(Reply::ok(CloudLogLines {
        first_line: found.first,
        lines: found.lines,
        next_line: found.next,
        at_end: found.is_at_end,
    }))
}

//! Logs of a vCenter and its hosts, which the simulator has not at all.

use cloud::{
    Cloud, CloudError,
    log::{LogLines, LogPart, LogStart},
};

use crate::{
    responder::{Reply, Responder, answer, fault, vcenter},
    server_responders::location,
    support::{config, connect},
};

const MIB: usize = 1 << 20;

/// The text of an element of a request.
fn field<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    body.split_once(&format!("<{name}>"))?.1.split('<').next()
}

/// `BrowseDiagnosticLog` of a log whose lines are these: 500 an answer, as a vCenter gives.
fn browse(body: &str, log: &[String]) -> Reply {
    let number = |name: &str| field(body, name).map(|it| it.parse::<usize>().unwrap());
    let start = number("start").unwrap_or(1);
    let n_lines = number("lines").unwrap_or(usize::MAX).min(500);
    let lines: Vec<_> =
        log.iter().skip(start - 1).take(n_lines).map(|it| format!("<lineText>{it}</lineText>")).collect();
    let end = if lines.is_empty() { log.len() } else { start - 1 + lines.len() };
    let header = format!("<lineStart>{start}</lineStart><lineEnd>{end}</lineEnd>{}", lines.concat());
    answer("BrowseDiagnosticLog", &format!("<returnval>{header}</returnval>"))
}

async fn with_log(log: Vec<String>) -> Responder {
    Responder::start(move |method, body| match method {
        "BrowseDiagnosticLog" => browse(body, &log),
        _ => vcenter(method),
    })
    .await
}

async fn read(responder: &Responder, from: LogStart, n_lines: u32) -> Result<LogLines, CloudError> {
    let part = LogPart { host: None, key: "vpxd:vpxd.log".to_owned(), from, n_lines };
    connect(config(&responder.url, &[])).log_lines(&location(), &part).await
}

fn numbered(n: u32) -> Vec<String> {
    (1..=n).map(|it| format!("line {it}")).collect()
}

#[tokio::test]
async fn logs_are_listed_responder() {
    let responder = Responder::start(|method, body| match method {
        "QueryDescriptions" if body.contains("<host type=\"HostSystem\">host-5</host>") => {
            answer(method, "<returnval><key>hostd</key><fileName>/var/log/hostd.log</fileName><creator>hostd</creator>\
             <format>plain</format><mimeType>text/plain</mimeType><info><label>Management agent</label><summary/></info>\
             </returnval><returnval><key>x</key><fileName>/x.gz</fileName><creator>hostd</creator><format>gzip</format>\
             </returnval>")
        }
        "QueryDescriptions" => {
            assert!(!body.contains("<host"), "{body}");
            answer(method, "<returnval><key>vpxd:vpxd-1.log</key><fileName>vpxd-1.log</fileName><creator>vpxd</creator>\
             <format>plain</format></returnval>")
        }
        _ => vcenter(method),
    })
    .await;
    let cloud = connect(config(&responder.url, &[]));
    let [own] = cloud.logs(&location(), None).await.unwrap().try_into().unwrap();
    assert_eq!((own.key.as_str(), own.creator.as_str(), own.label), ("vpxd:vpxd-1.log", "vpxd", None));
    let [of_host] = cloud.logs(&location(), Some("host-5")).await.unwrap().try_into().unwrap();
    assert_eq!((of_host.key.as_str(), of_host.file_name.as_str()), ("hostd", "/var/log/hostd.log"));
    assert_eq!((of_host.label.as_deref(), of_host.summary), (Some("Management agent"), None));
}

#[tokio::test]
async fn a_log_is_read_page_by_page_responder() {
    let responder = with_log(numbered(1200)).await;
    let page = read(&responder, LogStart::Line(1), 1000).await.unwrap();
    assert_eq!((page.first, page.next, page.is_at_end), (1, 1001, false));
    assert_eq!(page.lines, numbered(1000));
    assert_eq!(responder.count("BrowseDiagnosticLog"), 2);
    let rest = read(&responder, LogStart::Line(page.next), 1000).await.unwrap();
    assert_eq!((rest.first, rest.next, rest.is_at_end), (1001, 1201, true));
    assert_eq!(rest.lines, numbered(1200)[1000..]);
    let none = read(&responder, LogStart::Line(rest.next), 1000).await.unwrap();
    assert_eq!((none.lines.len(), none.next, none.is_at_end), (0, 1201, true));
}

#[tokio::test]
async fn the_end_of_a_log_comes_first_responder() {
    let responder = with_log(numbered(1200)).await;
    let end = read(&responder, LogStart::Tail, 3).await.unwrap();
    assert_eq!((end.first, end.next), (1198, 1201));
    assert_eq!(end.lines, ["line 1198", "line 1199", "line 1200"]);
    // A log that is shorter than what is asked for.
    let short = read(&with_log(numbered(2)).await, LogStart::Tail, 200).await.unwrap();
    assert_eq!((short.first, short.lines.len(), short.is_at_end), (1, 2, true));
    let empty = read(&with_log(Vec::new()).await, LogStart::Tail, 200).await.unwrap();
    assert_eq!((empty.lines.len(), empty.is_at_end), (0, true));
}

#[tokio::test]
async fn an_answer_has_one_mib_at_most_responder() {
    let responder = with_log(vec!["é".repeat(MIB / 6); 7]).await;
    let page = read(&responder, LogStart::Line(1), 1000).await.unwrap();
    assert_eq!((page.lines.len(), page.next, page.is_at_end), (3, 4, false));
    assert_eq!(read(&responder, LogStart::Line(page.next), 1000).await.unwrap().next, 7);
    // One that is too long by itself does not stop who reads on.
    let responder = with_log(vec!["é".repeat(MIB)]).await;
    let page = read(&responder, LogStart::Line(1), 1000).await.unwrap();
    assert_eq!((page.lines[0].len(), page.next), (MIB, 2));
}

/// Asked for more than there is, it tells the last line again.
#[tokio::test]
async fn no_line_is_shown_twice_responder() {
    let responder = Responder::start(|method, body| match method {
        "BrowseDiagnosticLog" => {
            let start = field(body, "start").map_or(1, |it| it.parse::<u32>().unwrap()).min(2);
            let lines = ["<lineText>a</lineText>", "<lineText>b</lineText>"][start as usize - 1..].concat();
            answer(method, &format!("<returnval><lineStart>{start}</lineStart><lineEnd>2</lineEnd>{lines}</returnval>"))
        }
        _ => vcenter(method),
    })
    .await;
    let page = read(&responder, LogStart::Line(1), 10).await.unwrap();
    assert_eq!((page.lines, page.next, page.is_at_end), (vec!["a".to_owned(), "b".to_owned()], 3, true));
}

#[tokio::test]
async fn why_a_log_cannot_be_read_responder() {
    let err = async |reply: fn() -> Reply| {
        let responder = Responder::start(move |method, _| match method {
            "BrowseDiagnosticLog" => reply(),
            _ => vcenter(method),
        });
        read(&responder.await, LogStart::Tail, 3).await.unwrap_err()
    };
    const MAY_NOT: &str = "<object type=\"Folder\">group-d1</object><privilegeId>Global.Diagnostics</privilegeId>";
    let refused = err(|| fault("NoPermission", "Permission to perform this operation was denied.", MAY_NOT)).await;
    assert!(matches!(&refused, CloudError::Forbidden(text) if text.contains("Global.Diagnostics")), "{refused:?}");
    let wrong = err(|| fault("InvalidArgument", "not correct", "<invalidProperty>key</invalidProperty>")).await;
    assert!(matches!(&wrong, CloudError::Refused(text) if text.contains("property key")), "{wrong:?}");
    let strange = err(|| answer("BrowseDiagnosticLog", "<returnval/>")).await;
    assert!(matches!(&strange, CloudError::Service { message, .. } if message.contains("which lines")), "{strange:?}");
}

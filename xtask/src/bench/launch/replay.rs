//! Calls that were recorded, sent again to another vCenter by a client that does nothing else.

use std::{
    collections::{HashMap, HashSet},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::bench::{
    http::{Connection, Message},
    process,
    tap::Call,
};

/// A session of its own.
pub struct Replay {
    place: String,
    cookie: String,
    /// What the other vCenter gave, in place of what the recorded one did: references and UUIDs.
    names: HashMap<String, String>,
}

/// What goes on while calls are sent.
struct State {
    is_begun: Vec<bool>,
    is_ended: Vec<bool>,
    names: HashMap<String, String>,
    failure: Option<anyhow::Error>,
}

impl Replay {
    /// Logs in as it was recorded. `place` is `host:port`.
    pub fn log_in(place: &str, recorded: &[Call]) -> Result<Replay> {
        let logins: Vec<&Call> = recorded.iter().filter(|it| method(&it.request) == "Login").collect();
        let login = logins.first().context("no login was recorded")?;
        let answer = Connection::to(place)?.send(&without_cookie(&login.request))?;
        ensure!(answer.status() == 200, "the login: {}", answer.text());
        let cookie = answer.header("set-cookie").and_then(|it| it.split(';').next()).context("no cookie")?;
        // Views carry the name of their session; this one stands for all that were recorded.
        let mut names = HashMap::new();
        for login in logins {
            learn(&mut names, login, &answer, &HashSet::new())?;
        }
        Ok(Replay { place: place.to_owned(), cookie: cookie.to_owned(), names })
    }

    /// Sends the calls in their order, each as soon as those have been answered that it builds on, `n_at_once` at a
    /// time. `old` names what was there before: what two calls have in common of that makes none wait for the other.
    /// Returns the CPU time of this client.
    pub fn send(&mut self, calls: &[Call], old: &HashSet<String>, n_at_once: usize) -> Result<Duration> {
        let needs = needs(calls, old);
        let state = State {
            is_begun: vec![false; calls.len()],
            is_ended: vec![false; calls.len()],
            names: std::mem::take(&mut self.names),
            failure: None,
        };
        let (state, ended) = (Mutex::new(state), Condvar::new());
        let (place, cookie) = (&self.place, &self.cookie);
        let work = || -> Result<Duration> {
            let mut connection = Connection::to(place)?;
            while let Some((n, request)) = next(calls, &needs, cookie, &state, &ended) {
                let answer = send(&mut connection, place, &request);
                let mut state = lock(&state);
                match answer.and_then(|it| learn(&mut state.names, &calls[n], &it, old)) {
                    Ok(()) => state.is_ended[n] = true,
                    Err(err) => state.failure = Some(err),
                }
                ended.notify_all();
            }
            process::cpu_of_thread()
        };
        let cpu = thread::scope(|scope| -> Result<Duration> {
            let workers: Vec<_> = (0..n_at_once).map(|_| scope.spawn(work)).collect();
            let mut cpu = Duration::ZERO;
            for it in workers {
                cpu += it.join().map_err(|_| anyhow!("a sender panicked"))??;
            }
            Ok(cpu)
        })?;
        let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.names = state.names;
        match state.failure {
            Some(err) => Err(err),
            None => Ok(cpu),
        }
    }
}

/// Everything that is named in these calls.
pub fn names(calls: &[Call]) -> HashSet<String> {
    let messages = calls.iter().flat_map(|it| [&it.request, &it.answer]);
    messages.flat_map(|it| in_text(&it.text()).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The method of a SOAP call; empty for what is none.
pub fn method(request: &Message) -> String {
    let text = request.text();
    let body = text.split("<Body><").nth(1).unwrap_or_default();
    body.split([' ', '>']).next().unwrap_or_default().to_owned()
}

/// For each call, those that had been answered when it began and that have a new name in common with it, the last of
/// each name.
fn needs(calls: &[Call], old: &HashSet<String>) -> Vec<Vec<usize>> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    let mut needs = Vec::with_capacity(calls.len());
    for (n, call) in calls.iter().enumerate() {
        let request = call.request.text();
        let new = || in_text(&request).filter(|it| !old.contains(*it));
        let answered = |of: &Vec<usize>| of.iter().copied().filter(|it| calls[*it].ended <= call.begun).max();
        let mut its: Vec<usize> = new().filter_map(|it| by_name.get(it).and_then(answered)).collect();
        its.sort_unstable();
        its.dedup();
        needs.push(its);
        let answer = call.answer.text();
        let answered = in_text(&answer).filter(|it| !is_made(it));
        for name in new().chain(answered.filter(|it| !old.contains(*it))) {
            let of = by_name.entry(name.to_owned()).or_default();
            if of.last() != Some(&n) {
                of.push(n);
            }
        }
    }
    needs
}

/// The simulator ends the connection of who looks for a child while another is being made. A client would ask again, as
/// the server did; that call has no answer and is not counted on either side.
fn send(connection: &mut Connection, place: &str, request: &Message) -> Result<Message> {
    let mut answer = connection.send(request);
    for _ in 0..10 {
        if answer.is_ok() || !method(request).starts_with("Find") {
            break;
        }
        *connection = Connection::to(place)?;
        answer = connection.send(request);
    }
    answer.with_context(|| method(request))
}

/// The first call that may be sent. Waits where none may yet; `None` at the end, and after a failure.
fn next(
    calls: &[Call],
    needs: &[Vec<usize>],
    cookie: &str,
    state: &Mutex<State>,
    ended: &Condvar,
) -> Option<(usize, Message)> {
    let mut state = lock(state);
    loop {
        if state.failure.is_some() || state.is_begun.iter().all(|it| *it) {
            return None;
        }
        let may = |n: &usize| !state.is_begun[*n] && needs[*n].iter().all(|it| state.is_ended[*it]);
        if let Some(n) = (0..calls.len()).find(may) {
            state.is_begun[n] = true;
            let mut request = without_cookie(&calls[n].request);
            request.headers.push(("cookie".to_owned(), cookie.to_owned()));
            request.body = with_names(&request.text(), &state.names).into_bytes();
            return Some((n, request));
        }
        state = ended.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Pairs the names of both answers. Answers that differ in more than these make an error: then not the same was done.
fn learn(names: &mut HashMap<String, String>, recorded: &Call, answer: &Message, old: &HashSet<String>) -> Result<()> {
    let (then, now) = (recorded.answer.text(), answer.text());
    // Of several that define an attribute at once one succeeds, whichever is first.
    if method(&recorded.request) == "AddCustomFieldDef" && [&then, &now].iter().any(|it| it.contains("DuplicateName")) {
        return Ok(());
    }
    let is_on = |text: &str| text.matches("poweredOn").count();
    let has_fault = |text: &str| text.contains("<Fault") || text.contains(":Fault");
    // The simulator's template shows the file of whatever was last cloned from it.
    let named = |text| in_text(text).filter(|it| !is_made(it)).collect::<Vec<_>>();
    let (of_then, of_now) = (named(&then), named(&now));
    let is_same = recorded.answer.status() == answer.status()
        && is_on(&then) == is_on(&now)
        && has_fault(&then) == has_fault(&now)
        && of_then.len() == of_now.len();
    if !is_same {
        bail!("{} was answered by {now} instead of {then}", method(&recorded.request));
    }
    let new = of_then.into_iter().zip(of_now).filter(|(then, _)| !old.contains(*then));
    names.extend(new.map(|(then, now)| (then.to_owned(), now.to_owned())));
    Ok(())
}

fn without_cookie(request: &Message) -> Message {
    let mut request = request.clone();
    request.headers.retain(|it| it.0 != "cookie");
    request
}

fn with_names(text: &str, names: &HashMap<String, String>) -> String {
    let words = text.split_inclusive(|it| !is_of_name(it)).map(|word| {
        let end = word.trim_end_matches(|it| !is_of_name(it)).len();
        let (name, rest) = word.split_at(end);
        names.get(name).map_or_else(|| word.to_owned(), |it| format!("{it}{rest}"))
    });
    words.collect()
}

/// UUIDs, the references of machines and tasks, and the names of the machines that are made.
fn in_text(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it| !is_of_name(it)).filter(|it| {
        let is_reference = ["vm-", "task-", "bench-"].iter().any(|kind| {
            it.strip_prefix(kind).is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
        });
        is_reference || (it.len() == 36 && it.split('-').map(str::len).eq([8, 4, 4, 4, 12]))
    })
}

/// The name of a machine.
fn is_made(name: &str) -> bool {
    name.starts_with("bench-")
}

fn is_of_name(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '-'
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn call(begun: Instant, ms: (u64, u64), request: &str, answer: &str) -> Call {
        let message = |text: &str| Message {
            first_line: "HTTP/1.1 200 OK".to_owned(),
            headers: Vec::new(),
            body: text.as_bytes().to_vec(),
        };
        let at = |ms| begun + Duration::from_millis(ms);
        Call { request: message(request), answer: message(answer), begun: at(ms.0), ended: at(ms.1) }
    }

    #[test]
    fn a_call_waits_for_those_that_it_builds_on() {
        let begun = Instant::now();
        let calls = [
            call(begun, (0, 1), "<source>vm-1</source><name>bench-1</name>", "task-7"),
            call(begun, (0, 1), "<source>vm-1</source><name>bench-2</name>", "task-8"),
            call(begun, (2, 5), "task-7", "vm-9"),
            // Before the one above was answered.
            call(begun, (3, 4), "vm-9 vm-1", ""),
            call(begun, (6, 7), "vm-9", ""),
        ];
        let old = HashSet::from(["vm-1".to_owned()]);
        assert_eq!(needs(&calls, &old), [vec![], vec![], vec![0], vec![], vec![3]]);
    }

    #[test]
    fn names_of_the_other_vcenter_take_the_place_of_those_that_were_recorded() {
        let recorded = call(Instant::now(), (0, 1), "", "<task>task-7</task>vm-1");
        let mut names = HashMap::new();
        let answer = |text: &str| call(Instant::now(), (0, 1), "", text).answer;
        let old = HashSet::from(["vm-1".to_owned()]);
        learn(&mut names, &recorded, &answer("<task>task-31</task>vm-1"), &old).unwrap();
        assert_eq!(with_names("<a>task-7</a>task-77 vm-1", &names), "<a>task-31</a>task-77 vm-1");
        assert!(learn(&mut names, &recorded, &answer("vm-1"), &old).is_err(), "a task less");
        assert!(learn(&mut names, &recorded, &answer("task-31 vm-1 poweredOn"), &old).is_err(), "it is on");
    }
}

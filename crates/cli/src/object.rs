//! What all nouns of the API have in common: lists with pages, objects by id or name, changes.

use clap::Args;
use serde_json::Value;

use crate::{
    app::App,
    client::{Answer, Call, PAGE, encode},
    failure::{Failure, Outcome},
    output::{Form, age::ago_text, column::Column, note, print, print_list, print_object},
};

/// A kind of thing in the API.
#[derive(Debug, Clone, Copy)]
pub struct Noun {
    /// In a sentence: `environment`.
    pub what: &'static str,
    /// RFC 6901, to what other commands take.
    pub id: &'static str,
    /// The filter that finds one by name.
    pub name: &'static str,
    pub ids: Ids,
    pub columns: &'static [Column],
}

/// What ids look like; anything else that is given is a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    Number,
    /// So many hexadecimal digits.
    Hex(usize),
    Uuid,
    /// The cloud's own: an id first, then a name.
    Any,
}

impl Ids {
    pub fn match_(self, text: &str) -> bool {
        match self {
            Ids::Number => text.parse::<i64>().is_ok(),
            Ids::Hex(length) => text.len() == length && text.bytes().all(|it| it.is_ascii_hexdigit()),
            Ids::Uuid => text.len() == 36 && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit()),
            Ids::Any => false,
        }
    }
}

#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// Only rows with this value; may be repeated
    #[arg(long, value_name = "FIELD=VALUE", value_parser = parse_filter)]
    pub filter: Vec<(String, String)>,
    /// Order by this field; -FIELD for the other way round
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Read every page instead of the first 100 rows
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct ChangeArgs {
    /// Print the request that would be sent, without secrets, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

pub fn parse_filter(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("write FIELD=VALUE")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

/// Prints a list; says on standard error how much more there is, and how old it is.
pub async fn list(app: &App, noun: &Noun, call: Call, args: &ListArgs) -> Outcome {
    let rows = rows(app, call, args).await?;
    print_list(app.form, noun.columns, noun.id, &rows)
}

/// Reads a page of a list, or all of them.
pub async fn rows(app: &App, mut call: Call, args: &ListArgs) -> Outcome<Vec<Value>> {
    call.query.extend(args.filter.iter().cloned());
    call.query.extend(args.sort.iter().map(|it| ("sort".to_owned(), it.clone())));
    call = call.query("maxResults", PAGE);
    let mut rows: Vec<Value> = Vec::new();
    for page in 1.. {
        // The second page is of the same reading as the first.
        call.query.retain(|(name, _)| name != "pageNum" && (page == 1 || name != "maxAge"));
        let answer = app
            .client
            .send(&Call { query: call.query.clone(), ..Call::get(call.path.as_str()) }.query("pageNum", page))
            .await?;
        if page == 1 {
            tell_freshness(&answer);
        }
        rows.extend(answer.data.as_array().into_iter().flatten().cloned());
        if answer.pagination.next.is_none() {
            break;
        }
        if !args.all {
            let last = answer.pagination.last.as_deref().and_then(page_number);
            let pages = last.map_or_else(String::new, |it| format!(" of {it}"));
            note(&format!("this is page 1{pages}, with {} rows; --all shows every row", rows.len()));
            break;
        }
    }
    Ok(rows)
}

fn page_number(link: &str) -> Option<&str> {
    link.split(['?', '&']).find_map(|it| it.strip_prefix("pageNum="))
}

fn tell_freshness(answer: &Answer) {
    let Some(freshness) = &answer.freshness else { return };
    let seen = match &freshness.observed_at {
        Some(time) if freshness.source == "cloud" => format!("read from the cloud {}", ago_text(&time.to_string())),
        Some(time) => format!("as the cloud was {}", ago_text(&time.to_string())),
        None => "this was never read from the cloud".to_owned(),
    };
    let stale = if freshness.stale { "; stale" } else { "" };
    let because = freshness.error.as_deref().map_or_else(String::new, |it| format!(": {it}"));
    note(&format!("{seen}{stale}{because}"));
    if let Some(hidden) = &freshness.hidden {
        note(&format!("{} more exist that these credentials do not see: {}", hidden.count, hidden.evidence));
    }
}

/// Prints one object.
pub async fn show(app: &App, noun: &Noun, list_path: &str, given: &str) -> Outcome {
    let object = get(app, noun, list_path, given).await?;
    print_object(app.form, noun.id, &object)
}

/// One object by id or unique name.
pub async fn get(app: &App, noun: &Noun, list_path: &str, given: &str) -> Outcome<Value> {
    let direct = Call::get(format!("{list_path}{}/", encode(given)));
    if noun.ids == Ids::Any {
        match app.client.data(&direct).await {
            Err(err) if err.is_not_found() => {}
            other => return other,
        }
    }
    let id = id_of(app, noun, list_path, given).await?;
    app.client.data(&Call::get(format!("{list_path}{}/", encode(&id)))).await
}

/// The path of an object that is given by id or unique name.
pub async fn path(app: &App, noun: &Noun, list_path: &str, given: &str) -> Outcome<String> {
    if noun.ids == Ids::Any {
        let object = get(app, noun, list_path, given).await?;
        let id = object.pointer(noun.id).map(crate::output::column::text).unwrap_or_default();
        return Ok(format!("{list_path}{}/", encode(&id)));
    }
    Ok(format!("{list_path}{}/", encode(&id_of(app, noun, list_path, given).await?)))
}

/// The id of an object that is given by id or unique name.
pub async fn id_of(app: &App, noun: &Noun, list_path: &str, given: &str) -> Outcome<String> {
    if noun.ids.match_(given) {
        return Ok(given.to_owned());
    }
    let answer = app.client.send(&Call::get(list_path).query(noun.name, given)).await?;
    let rows = answer.data.as_array().cloned().unwrap_or_default();
    let ids: Vec<String> = rows.iter().filter_map(|it| it.pointer(noun.id)).map(crate::output::column::text).collect();
    match ids.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(Failure::NotFound(format!("there is no {} {given:?}", noun.what))),
        _ => Err(Failure::usage(format!("{given:?} is the name of several; give an id: {}", ids.join(", ")))),
    }
}

/// Sends a change, or with `--dry-run` prints what would be sent: then there is no answer.
pub async fn change(app: &App, args: ChangeArgs, call: &Call) -> Outcome<Option<Value>> {
    if args.dry_run {
        print(&call.describe(app.client.url()))?;
        return Ok(None);
    }
    Ok(Some(app.client.data(call).await?))
}

/// Sends a change and prints the object as it is now.
pub async fn save(app: &App, args: ChangeArgs, noun: &Noun, call: &Call) -> Outcome {
    match change(app, args, call).await? {
        Some(object) => print_saved(app, noun, &object),
        None => Ok(()),
    }
}

/// One row as in a list, or the data as it is.
pub fn print_saved(app: &App, noun: &Noun, object: &Value) -> Outcome {
    match app.form {
        Form::Table => print_list(app.form, noun.columns, noun.id, std::slice::from_ref(object)),
        form => print_object(form, noun.id, object),
    }
}

/// Sends a change that answers with nothing, and says that it is done.
pub async fn done(app: &App, args: ChangeArgs, call: &Call, said: &str) -> Outcome {
    if change(app, args, call).await?.is_some() {
        note(said);
    }
    Ok(())
}

pub async fn delete(app: &App, args: ChangeArgs, noun: &Noun, list_path: &str, given: &str) -> Outcome {
    let path = path(app, noun, list_path, given).await?;
    done(app, args, &Call::delete(path), &format!("deleted {} {given}", noun.what)).await
}

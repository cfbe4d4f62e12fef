//! Lists of objects with some of their properties, page by page and in one object's memory.

use std::{collections::HashSet, sync::Arc};

use async_stream::try_stream;
use futures_util::stream::BoxStream;

use crate::{
    content::numbers,
    session::{Session, VCenter},
    soap::{
        envelope::{Call, MoRef, escape},
        error::CallError,
        fault::Fault,
        tree::Node,
    },
    view,
};

/// Objects in one answer, where the vCenter pages, and in one piece of a list.
pub const PAGE: usize = 1000;

/// A vCenter has some ten thousands of one kind at most. One that does not end a list is not believed.
const MAX_OBJECTS: usize = 500_000;
/// It may give fewer objects a page than were asked for.
const MAX_PAGES: usize = 2000;

/// Properties that older versions refuse, with the version that brought them.
const NEWER: [(&str, &str); 1] = [("config.createDate", "6.7")];

/// What to read of the objects of one type.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    pub kind: &'static str,
    pub properties: &'static [&'static str],
}

/// One object of an answer.
#[derive(Clone, Copy)]
pub struct Object<'a>(Node<'a>);

impl<'a> Object<'a> {
    pub fn id(self) -> &'a str {
        self.0.get("obj")
    }

    /// Its own type, which may be one derived from the type that was asked for.
    pub fn kind(self) -> &'a str {
        self.0.child("obj").map(Node::object_type).unwrap_or_default()
    }

    pub fn reference(self) -> MoRef {
        MoRef::new(self.kind(), self.id())
    }

    /// The value of a property, `None` where it is unset or may not be read.
    pub fn value(self, path: &str) -> Option<Node<'a>> {
        self.0.children().find(|it| it.name() == "propSet" && it.get("name") == path)?.child("val")
    }

    /// The text of a property, `None` where it is unset, empty or may not be read.
    pub fn text(self, path: &str) -> Option<&'a str> {
        self.value(path).map(Node::text).filter(|it| !it.is_empty())
    }

    pub fn number<T: std::str::FromStr>(self, path: &str) -> Option<T> {
        self.text(path)?.parse().ok()
    }

    pub fn is_true(self, path: &str) -> bool {
        self.text(path).is_some_and(is_true)
    }

    /// The session ended while the answer was gathered.
    fn is_session_lost(self) -> bool {
        self.missing().any(|(_, fault)| fault.name == "NotAuthenticated")
    }

    /// Properties that may not be read, with the reason: `missingSet`.
    pub fn missing(self) -> impl Iterator<Item = (&'a str, Fault)> {
        let sets = self.0.children().filter(|it| it.name() == "missingSet");
        sets.filter_map(|it| Some((it.get("path"), Fault::read_value(it.child("fault")?))))
    }
}

/// Of an `xsd:boolean`.
pub fn is_true(text: &str) -> bool {
    matches!(text, "true" | "1")
}

/// All objects of a type below `root`. `read` sees each object once, in the vCenter's order, and chooses what is kept.
/// Pieces hold at most [`PAGE`] objects. When the session ends in the middle, logs in again and begins anew, once;
/// objects that were seen before are passed over.
pub fn list<'a, T, R>(
    vcenter: &'a Arc<VCenter>,
    root: MoRef,
    wanted: Wanted,
    mut read: R,
) -> BoxStream<'a, Result<Vec<T>, CallError>>
where
    T: Send + 'a,
    R: FnMut(Object<'_>) -> Option<T> + Send + 'a,
{
    Box::pin(try_stream! {
        let mut seen = HashSet::new();
        let mut may_renew = true;
        let mut n_pages = 0;
        'renewed: loop {
            let session = vcenter.session().await?;
            let view = match view::create(vcenter, &session, &root, wanted.kind).await {
                Err(err) if err.is_not_authenticated() && may_renew => {
                    may_renew = false;
                    vcenter.renew(&session);
                    continue 'renewed;
                }
                outcome => outcome?,
            };
            let mut next = Some(retrieve(&session, wanted, &through_view(&view.reference)));
            while let Some(call) = next.take() {
                n_pages += 1;
                let mut items = Vec::new();
                let mut lost = None;
                // The two ways to fail are told apart from success below: `?` would leave the loop at once.
                let mut reading = match vcenter.open(&session, &call).await {
                    Ok(reading) => Some(reading),
                    Err(err) => { lost = Some(err); None }
                };
                while let Some(answer) = &mut reading {
                    let more = answer.next(&mut |node: Node<'_>| match node.name() {
                        "objects" => {
                            let object = Object(node);
                            if object.is_session_lost() {
                                lost = Some(vcenter.session_ended("RetrievePropertiesEx"));
                            } else if seen.insert(object.id().to_owned()) {
                                items.extend(read(object));
                            }
                        }
                        "token" => next = Some(proceed(&session, node.text())),
                        _ => {}
                    }).await;
                    match more {
                        Ok(true) => {}
                        Ok(false) => reading = None,
                        Err(err) => { lost = Some(err); reading = None }
                    }
                    // A vCenter pages itself; one that sends all in one answer is cut here.
                    if seen.len() > MAX_OBJECTS || n_pages > MAX_PAGES {
                        Err(vcenter.endless(call.method, wanted.kind))?;
                    }
                    while items.len() >= PAGE {
                        let rest = items.split_off(PAGE);
                        yield std::mem::replace(&mut items, rest);
                    }
                }
                if !items.is_empty() {
                    yield items;
                }
                match lost {
                    Some(err) if err.is_not_authenticated() && may_renew => {
                        may_renew = false;
                        vcenter.renew(&session);
                        continue 'renewed;
                    }
                    Some(err) => Err(err)?,
                    None => {}
                }
            }
            // All was read; whether the view could be destroyed as well changes nothing for the caller.
            let _ = view.destroy().await;
            break;
        }
    })
}

/// Some objects of one type by their references; objects that are gone make it a fault. A vCenter may page also where
/// it was not asked to.
pub async fn get<T, R>(vcenter: &VCenter, objects: &[MoRef], wanted: Wanted, mut read: R) -> Result<Vec<T>, CallError>
where
    T: Send,
    R: FnMut(Object<'_>) -> T + Send,
{
    let mut may_renew = true;
    loop {
        let session = vcenter.session().await?;
        let sets: String = objects.iter().map(object_set).collect();
        let outcome = async {
            let mut items = Vec::new();
            let mut is_lost = false;
            let mut n_pages = 0;
            let mut next = Some(retrieve_all(&session, wanted, &sets));
            while let Some(call) = next.take() {
                n_pages += 1;
                // Each page has one object at least.
                if n_pages > objects.len().max(1) || items.len() > objects.len() {
                    return Err(vcenter.endless(call.method, wanted.kind));
                }
                let mut reading = vcenter.open(&session, &call).await?;
                let mut on_piece = |node: Node<'_>| match node.name() {
                    "objects" if Object(node).is_session_lost() => is_lost = true,
                    "objects" => items.push(read(Object(node))),
                    "token" => next = Some(proceed(&session, node.text())),
                    _ => {}
                };
                while reading.next(&mut on_piece).await? {}
                if is_lost {
                    return Err(vcenter.session_ended(call.method));
                }
            }
            Ok(items)
        };
        match outcome.await {
            Err(err) if CallError::is_not_authenticated(&err) && may_renew => {
                may_renew = false;
                vcenter.renew(&session);
            }
            outcome => return outcome,
        }
    }
}

fn retrieve(session: &Session, wanted: Wanted, object_set: &str) -> Call {
    let options = format!("<options><maxObjects>{PAGE}</maxObjects></options>");
    retrieve_properties(session, wanted, object_set).raw(&options)
}

fn retrieve_all(session: &Session, wanted: Wanted, object_sets: &str) -> Call {
    retrieve_properties(session, wanted, object_sets).raw("<options/>")
}

fn retrieve_properties(session: &Session, wanted: Wanted, object_sets: &str) -> Call {
    let spoken = numbers(&session.api_version);
    let is_known = |path: &str| NEWER.iter().all(|(newer, since)| *newer != path || spoken >= numbers(since));
    let paths = wanted.properties.iter().filter(|it| is_known(it));
    let paths: String = paths.map(|it| format!("<pathSet>{it}</pathSet>")).collect();
    let kind = wanted.kind;
    Call::new("RetrievePropertiesEx", &session.content.property_collector)
        .raw(&format!("<specSet><propSet><type>{kind}</type><all>false</all>{paths}</propSet>{object_sets}</specSet>"))
}

fn proceed(session: &Session, token: &str) -> Call {
    Call::new("ContinueRetrievePropertiesEx", &session.content.property_collector).text("token", token)
}

fn object_set(object: &MoRef) -> String {
    let MoRef { kind, id } = object;
    format!("<objectSet><obj type=\"{}\">{}</obj></objectSet>", escape(kind), escape(id))
}

/// An object set: all that a view shows.
pub fn through_view(view: &MoRef) -> String {
    format!(
        "<objectSet><obj type=\"{}\">{}</obj><skip>true</skip><selectSet xsi:type=\"TraversalSpec\"><name>view</name>\
         <type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet>",
        escape(&view.kind),
        escape(&view.id)
    )
}

//! The table of routes: the router, the permission check and the API documents are all made from it, so none of them
//! can know a route that the others do not.

use std::collections::HashMap;

use axum::{Router, handler::Handler, routing::MethodFilter};
use http::Method;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{app::App, permission::Permission};

pub const BASE: &str = "/api/v1beta0";

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Public,
    /// Anybody who is logged in, about themselves. A token that was narrowed changes nothing there.
    Login,
    /// Anybody who is logged in, about this login alone.
    Logout,
    /// In the scope that the path names.
    Needs(Permission),
}

/// One operation.
pub struct Route {
    pub method: Method,
    /// Below [`BASE`], with a trailing slash; parameters in braces.
    pub path: &'static str,
    pub access: Access,
    pub summary: &'static str,
    pub body: Option<TypeInfo>,
    pub reply: Option<TypeInfo>,
    pub is_list: bool,
    pub status: u16,
    pub filters: &'static [&'static str],
    pub sorts: &'static [&'static str],
    pub takes_age: bool,
    /// Further query parameters: name and description.
    pub query: &'static [(&'static str, &'static str)],
    pub is_stream: bool,
    /// The body is a file, which the handler reads as it arrives. A signature does not cover it.
    pub is_upload: bool,
    /// The media type of an answer that is no JSON.
    pub media: Option<&'static str>,
    /// What 202 answers with where the caller does not want to wait: `Prefer: respond-async` (RFC 7240 §4.1).
    pub later: Option<TypeInfo>,
}

/// A type of a body: its name, its schema and those it refers to.
pub struct TypeInfo {
    pub name: String,
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl TypeInfo {
    pub fn of<T: ToSchema>() -> Self {
        let name = T::name().into_owned();
        let mut schemas = vec![(name.clone(), T::schema())];
        T::schemas(&mut schemas);
        TypeInfo { name, schemas }
    }
}

fn route(method: Method, path: &'static str, access: Access, summary: &'static str) -> Route {
    let status = if method == Method::DELETE { 204 } else { 200 };
    Route {
        method,
        path,
        access,
        summary,
        body: None,
        reply: None,
        is_list: false,
        status,
        filters: &[],
        sorts: &[],
        takes_age: false,
        query: &[],
        is_stream: false,
        is_upload: false,
        media: None,
        later: None,
    }
}

pub fn get(path: &'static str, access: Access, summary: &'static str) -> Route {
    route(Method::GET, path, access, summary)
}

pub fn post(path: &'static str, access: Access, summary: &'static str) -> Route {
    route(Method::POST, path, access, summary)
}

pub fn patch(path: &'static str, access: Access, summary: &'static str) -> Route {
    route(Method::PATCH, path, access, summary)
}

pub fn put(path: &'static str, access: Access, summary: &'static str) -> Route {
    route(Method::PUT, path, access, summary)
}

pub fn delete(path: &'static str, access: Access, summary: &'static str) -> Route {
    route(Method::DELETE, path, access, summary)
}

impl Route {
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(TypeInfo::of::<T>());
        self
    }

    pub fn gives<T: ToSchema>(mut self) -> Self {
        self.reply = Some(TypeInfo::of::<T>());
        self
    }

    pub fn creates<T: ToSchema>(mut self) -> Self {
        self.status = 201;
        self.gives::<T>()
    }

    /// Answers 202 and goes on in the background.
    pub fn starts<T: ToSchema>(mut self) -> Self {
        self.status = 202;
        self.gives::<T>()
    }

    /// Answers as usual, or when asked with `Prefer: respond-async`, 202 with this.
    pub fn may_start<T: ToSchema>(mut self) -> Self {
        self.later = Some(TypeInfo::of::<T>());
        self
    }

    pub fn lists<T: ToSchema>(mut self, filters: &'static [&'static str]) -> Self {
        self.is_list = true;
        self.filters = filters;
        self.gives::<T>()
    }

    pub fn sorts(mut self, sorts: &'static [&'static str]) -> Self {
        self.sorts = sorts;
        self
    }

    pub fn takes_age(mut self) -> Self {
        self.takes_age = true;
        self
    }

    pub fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    pub fn sends(mut self, media: &'static str) -> Self {
        self.media = Some(media);
        self
    }

    pub fn uploads(mut self) -> Self {
        self.is_upload = true;
        self
    }

    pub fn streams(mut self) -> Self {
        self.is_stream = true;
        self
    }
}

/// All routes with their handlers.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

impl Routes {
    pub fn add<H, T>(&mut self, route: Route, handler: H) -> &mut Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = match route.method {
            Method::POST => MethodFilter::POST,
            Method::PATCH => MethodFilter::PATCH,
            Method::PUT => MethodFilter::PUT,
            Method::DELETE => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let path = format!("{BASE}{}", route.path);
        let router = std::mem::take(&mut self.router);
        self.router = router.route(&path, axum::routing::on(filter, handler));
        self.table.push(route);
        self
    }

    pub fn split(self) -> (Router<App>, Table) {
        let index = self.table.iter().enumerate();
        let index = index.map(|(n, it)| ((it.method.clone(), format!("{BASE}{}", it.path)), n)).collect();
        (self.router, Table { routes: self.table, index })
    }
}

/// The routes by method and path.
pub struct Table {
    pub routes: Vec<Route>,
    index: HashMap<(Method, String), usize>,
}

impl Table {
    /// `path` as axum's matched path.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Route> {
        self.index.get(&(method.clone(), path.to_owned())).and_then(|it| self.routes.get(*it))
    }
}

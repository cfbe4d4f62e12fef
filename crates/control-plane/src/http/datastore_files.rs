//! Files on the datastores of a vCenter, asked when somebody looks.

use api_types::datastore_files::DatastoreFile;
use axum::extract::{Request, State};
use cloud::file::CloudFile;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    body,
    caller::Caller,
    cloud_change::{Asked, carry_out},
    error::{ApiError, ApiResult},
    extract::Path,
    inventory::{LocationPath, ThingPath, asked, to_change},
    list::ListQuery,
    reply::Reply,
    route::{Access::Needs, Routes, delete, get, put},
};
use crate::{app::App, permission::Permission as P};

/// Of one file.
const LARGEST: u64 = 64 << 30;
/// Uploads that go through a control plane at once. Each takes little memory, but may last for hours.
pub const UPLOADS: usize = 8;

pub fn routes(routes: &mut Routes) {
    macro_rules! below {
        ($rest:literal) => {
            concat!(
                "/user/{envId}/clouds/{cloudPlatform}/cloud-locations/{cloudLocation}/datastores/{id}/files/",
                $rest
            )
        };
    }
    routes
        .add(
            get(below!(""), Needs(P::DatastoreFilesRead), "List one folder of a datastore, by default its top")
                .lists::<DatastoreFile>(&["folder", "kind"]),
            list,
        )
        .add(
            delete(
                below!("{filePath}/"),
                Needs(P::DatastoreFilesManage),
                "Delete a file that no machine uses, for good",
            ),
            remove,
        )
        .add(
            put(
                below!("{filePath}/"),
                Needs(P::DatastoreFilesManage),
                "Upload a new file, of at most 64 GiB and no part of a machine; the folders above it are made",
            )
            .uploads()
            .creates::<DatastoreFile>(),
            upload,
        );
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<ThingPath>,
    query: ListQuery,
) -> ApiResult<Reply<Vec<DatastoreFile>>> {
    let asked = asked(&app, &caller, &path.at, "files").await?;
    let folder = query.filter("folder").unwrap_or_default();
    let found = asked.connected.cloud().files(&asked.location, &path.id, folder).await?;
    let kind = query.filter("kind");
    let views = found.into_iter().map(view);
    let views = views.filter(|it| kind.is_none_or(|kind| it.kind == kind));
    Ok(Reply::list(query.page_of(views.collect()), &query))
}

fn view(file: CloudFile) -> DatastoreFile {
    DatastoreFile {
        id: file.path,
        kind: file.kind.as_str().to_owned(),
        size_bytes: file.size_bytes,
        modified: file.modified_at,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilePath {
    #[serde(flatten)]
    at: LocationPath,
    id: String,
    file_path: String,
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(FilePath { at, id, file_path }): Path<FilePath>,
) -> ApiResult<StatusCode> {
    let asked = to_change(&app, &caller, &at, "files").await?;
    let about = json!({ "cloudLocation": asked.location, "datastore": id });
    let change =
        Asked { noun: "datastore-files", verb: "delete", failed: "delete-failed", id: file_path.clone(), about };
    let call = async move { asked.connected.cloud().delete_file(&asked.location, &id, &file_path).await };
    carry_out(&app, &caller, change, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn upload(
    State(app): State<App>,
    caller: Caller,
    Path(FilePath { at, id, file_path }): Path<FilePath>,
    request: Request,
) -> ApiResult<Reply<DatastoreFile>> {
    let file = body::file(request, LARGEST, app.stopping.clone())?;
    let place = app.uploads.clone().try_acquire_owned().map_err(|_| {
        ApiError::unavailable(format!("{UPLOADS} uploads go through this control plane already"))
            .remedy("try again when one has ended")
    })?;
    let asked = to_change(&app, &caller, &at, "files").await?;
    let about = json!({ "cloudLocation": asked.location, "datastore": id, "sizeBytes": file.size_bytes });
    let change =
        Asked { noun: "datastore-files", verb: "upload", failed: "upload-failed", id: file_path.clone(), about };
    let call = async move {
        let _place = place;
        asked.connected.cloud().upload_file(&asked.location, &id, &file_path, file).await
    };
    Ok(Reply::created(view(carry_out(&app, &caller, change, call).await?)))
}

//! Files beside the API, in its session.

use std::time::Duration;

use cloud::file::Upload;
use cloud_http::Request;
use http::{StatusCode, header};

use super::{PAGE_LIMIT, Session, VCenter, secret_of};
use crate::soap::error::{CallError, Cause};

/// A host may take this long for the end of a file, beyond what every call gets.
const SILENCE: Duration = Duration::from_secs(60);

impl VCenter {
    /// Reads a file beside the API, in the session of the API, which is renewed once.
    pub async fn download(
        &self,
        path: &'static str,
        query: &[(&str, &str)],
        limit: usize,
    ) -> Result<Vec<u8>, CallError> {
        let session = self.session().await?;
        let outcome = self.get(&session, path, query, limit).await;
        match outcome {
            Err(CallError { cause: Cause::Status { status: 401, .. }, .. }) => {
                self.renew(&session);
                self.get(&*self.session().await?, path, query, limit).await
            }
            outcome => outcome,
        }
    }

    /// Writes a file beside the API, once: in the session of the API, which the calls before have kept alive.
    pub async fn upload(
        &self,
        beside: &'static str,
        path: &str,
        query: &[(&str, &str)],
        upload: Upload,
    ) -> Result<(), CallError> {
        let session = self.session().await?;
        let mut url = self.url.clone();
        url.set_path(beside);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path.split('/'));
        }
        url.query_pairs_mut().clear().extend_pairs(query);
        let mut request = Request::put(url, "").waits(SILENCE);
        let mut secrets = vec![self.password.clone()];
        if let Some(cookie) = &session.cookie {
            request = request.header(header::COOKIE, cookie.clone());
            secrets.extend(secret_of(cookie));
        }
        let error = |cause: Cause| self.error(beside, "", cause.without(&secrets));
        let response = self.client.upload(&request, upload.size_bytes, upload.pieces).await;
        let response = response.map_err(|err| error(Cause::Http(err)))?;
        if !response.status.is_success() {
            let status = response.status.as_u16();
            let text = response.body.beginning(PAGE_LIMIT).await.map_err(|err| error(Cause::Http(err)))?;
            return Err(error(Cause::status(status, &text)));
        }
        Ok(())
    }

    async fn get(
        &self,
        session: &Session,
        path: &'static str,
        query: &[(&str, &str)],
        limit: usize,
    ) -> Result<Vec<u8>, CallError> {
        let mut url = self.url.clone();
        url.set_path(path);
        url.query_pairs_mut().clear().extend_pairs(query);
        let mut request = Request::get(url).limit(limit).read_only();
        let mut secrets = vec![self.password.clone()];
        if let Some(cookie) = &session.cookie {
            request = request.header(header::COOKIE, cookie.clone());
            secrets.extend(secret_of(cookie));
        }
        let error = |cause: Cause| self.error(path, "", cause.without(&secrets));
        let response = self.client.send(request).await.map_err(|err| error(Cause::Http(err)))?;
        let status = response.status;
        if status != StatusCode::OK {
            let text = response.body.beginning(PAGE_LIMIT).await.map_err(|err| error(Cause::Http(err)))?;
            return Err(error(Cause::status(status.as_u16(), &text)));
        }
        let bytes = response.body.bytes().await.map_err(|err| error(Cause::Http(err)))?;
        Ok(bytes.to_vec())
    }
}

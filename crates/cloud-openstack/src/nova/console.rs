use cloud::CloudError;
use serde::Deserialize;
use serde_json::json;

use super::{marked, ready::missing};
use crate::{
    catalog::Service,
    error::{Error, Refusal},
    session::{At, Change, Session},
};

/// Of a console that wrote very long lines, no more is taken.
const LIMIT: usize = 1 << 20;

/// `os-getConsoleOutput`: <https://docs.openstack.org/api-ref/compute/#show-console-output-os-getconsoleoutput-action>.
pub(crate) async fn output(
    session: &Session,
    region: &str,
    cloud_id: &str,
    n_lines: u32,
) -> Result<String, CloudError> {
    #[derive(Deserialize)]
    struct Reply {
        output: Option<String>,
    }
    let path = format!("{}/action", marked::path(cloud_id).ok_or_else(|| missing(region, cloud_id))?);
    let body = json!({ "os-getConsoleOutput": { "length": n_lines } });
    let call = Change::post(At { service: Service::Compute, region }, &path, body);
    let answer = match session.change(&Change { limit: Some(LIMIT), ..call }).await {
        // The hypervisor has none.
        Err(Error::Refused(Refusal { status: 501, message, .. })) => {
            return Err(CloudError::Unsupported(format!("the output of a serial console: {message}")));
        }
        answer => answer?,
    };
    Ok(session.parse::<Reply>(&answer.url, &answer.body)?.output.unwrap_or_default())
}

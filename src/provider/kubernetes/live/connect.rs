//! Who the API server is, and how to be let in (features 13.1.1).

use std::env;
use std::time::Duration;

use kube::config::{InClusterError, KubeConfigOptions};
use kube::{Client, Config};

use crate::base::limits;
use crate::config::statics::Cluster;

/// A client; `Err` says what is missing.
pub(super) async fn connect(cluster: &Cluster) -> Result<Client, String> {
    let mut config = config(cluster).await?;
    // Streams live for minutes, so nothing bounds reading as a whole; whoever asks has a bound.
    config.read_timeout = None;
    config.connect_timeout = Some(Duration::from_secs(limits::KUBE_CONNECT_S_MAX));
    config.default_retry = false;
    Client::try_from(config).map_err(|error| error.to_string())
}

async fn config(cluster: &Cluster) -> Result<Config, String> {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_host = is_set("KUBERNETES_SERVICE_HOST") && is_set("KUBERNETES_SERVICE_PORT");
    if has_host {
        let mut config = Config::incluster_env().map_err(in_cluster)?;
        if !cluster.endpoint.is_empty() {
            config.cluster_url = cluster.endpoint.parse().map_err(|_| no_url(cluster))?;
        }
        return Ok(config);
    }
    if is_set("KUBECONFIG") {
        let options = KubeConfigOptions::default();
        return Config::from_kubeconfig(&options)
            .await
            .map_err(|error| format!("KUBECONFIG can not be used: {error}"));
    }
    if cluster.endpoint.is_empty() {
        return Err(
            "there is no cluster around us, KUBECONFIG is not set, and no endpoint is given"
                .to_owned(),
        );
    }
    let mut config = Config::new(cluster.endpoint.parse().map_err(|_| no_url(cluster))?);
    config.root_cert_file.clone_from(&cluster.ca_file);
    if let Some(file) = &cluster.ca_file
        && let Err(error) = std::fs::metadata(file)
    {
        return Err(format!("certAuthFilePath {}: {error}", file.display()));
    }
    if !cluster.token.is_empty() {
        config.auth_info.token = Some(cluster.token.expose().to_owned().into());
    }
    Ok(config)
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn in_cluster(error: InClusterError) -> String {
    format!("the service account can not be used: {error}")
}

fn no_url(cluster: &Cluster) -> String {
    format!("the endpoint {:?} is no URL", cluster.endpoint)
}

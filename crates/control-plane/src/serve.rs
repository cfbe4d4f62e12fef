//! Start, run, stop.

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use ::http::Request;
use anyhow::Context;
use axum::{Router, extract::ConnectInfo};
use cloud_http::{AddressRules, Exit};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use store::Db;
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::{debug, info, warn};
use tracing_subscriber::EnvFilter;

use crate::{
    admin,
    app::App,
    config::{self, Config, Loaded, LogFormat, Overrides, Tls},
    first_start, http, jobs, live,
    lock::Lock,
    presence, reconcile,
};

/// signal(7): a file would become larger than the process may write. Its action is to end the process.
const SIGXFSZ: i32 = 25;
const MAX_CONNECTIONS: usize = 4096;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests under way get this long when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// Runs the server until SIGTERM or SIGINT.
pub async fn serve(overrides: Overrides) -> anyhow::Result<()> {
    let loaded = config::load(&overrides)?;
    start_logging(&loaded.config)?;
    for warning in &loaded.warnings {
        warn!("{warning}");
    }
    // Caught, it is an error of the write like any other. Nobody need receive it.
    let _too_large = signal(SignalKind::from_raw(SIGXFSZ))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let server = Server::start(loaded, overrides).await?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    server.stop().await
}

/// A running server.
pub struct Server {
    pub address: SocketAddr,
    pub app: App,
    accepting: JoinHandle<()>,
    _admin: admin::Socket,
    /// The last thing to go.
    _lock: Lock,
}

impl Server {
    /// Listens when this returns. `overrides` are read again by a reconfigure.
    pub async fn start(loaded: Loaded, overrides: Overrides) -> anyhow::Result<Server> {
        let lock = Lock::take(&loaded.config.data_dir)?;
        let app = open(loaded).await?;
        let config = app.config();
        let listener = TcpListener::bind(config.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let tls = Arc::new(ServerTls::default());
        tls.reload(config.tls.as_ref())?;
        let admin = admin::listen(&app, tls.clone(), overrides)?;
        presence::arrive(&app, &lock).await?;
        jobs::start(&app);
        reconcile::start(&app);
        live::start(&app);
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let database = app.db.engine();
        info!(version = env!("CARGO_PKG_VERSION"), database, "ready on {scheme}://{address}");
        let router = http::router(&app);
        let accepting = tokio::spawn(accept(app.clone(), listener, tls, router));
        Ok(Server { address, app, accepting, _admin: admin, _lock: lock })
    }

    /// Lets requests under way end, logs out of all clouds, and closes the database.
    pub async fn stop(self) -> anyhow::Result<()> {
        info!("stopping");
        let Server { app, accepting, .. } = self;
        app.stopping.cancel();
        accepting.await?;
        app.tasks.close();
        if timeout(DRAIN, app.tasks.wait()).await.is_err() {
            warn!("some background work did not end in time; what it began is marked as failed");
        }
        let closed = async {
            app.clouds.close().await;
            presence::leave(&app).await;
            app.db.close().await;
        };
        if timeout(DRAIN, closed).await.is_err() {
            warn!("a cloud or the database did not let go in time");
        }
        info!("stopped");
        Ok(())
    }
}

/// Opens database and vault, and fills an empty installation.
pub async fn open(loaded: Loaded) -> anyhow::Result<App> {
    let config = &loaded.config;
    let db = Db::open(&config.database_url).await.context("cannot open the database")?;
    let secrets = first_start::unlock(&db, config).await?;
    let audit_key = first_start::audit_key(&db, &secrets).await?;
    first_start::fill(&db, &secrets, &audit_key, config).await?;
    let (rules, proxy) = exit_settings(config)?;
    let exit = Arc::new(Exit::new(rules, proxy));
    Ok(App::new(db, secrets, audit_key, exit, loaded))
}

pub fn exit_settings(config: &Config) -> anyhow::Result<(AddressRules, Option<::http::Uri>)> {
    let proxy = config.cloud_proxy.as_ref().map(|it| it.parse()).transpose().context("cloud_proxy is no URL")?;
    Ok((AddressRules::new(config.allowed_cloud_networks.clone()), proxy))
}

fn start_logging(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log.level).context("log.level is no filter")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Told where the log itself cannot be written to, and a panic there: a full disk would take its writer along.
    let builder = builder.log_internal_errors(false);
    match config.log.format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.with_target(false).init(),
    }
    Ok(())
}

/// The certificate of the server; replaced by a reconfigure without closing connections.
#[derive(Default)]
pub struct ServerTls(RwLock<Option<Arc<ServerConfig>>>);

impl ServerTls {
    pub fn reload(&self, files: Option<&Tls>) -> anyhow::Result<()> {
        let config = files.map(load_tls).transpose()?.map(Arc::new);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn acceptor(&self) -> Option<TlsAcceptor> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().map(TlsAcceptor::from)
    }
}

/// Reads and checks a certificate with its key.
pub fn load_tls(files: &Tls) -> anyhow::Result<ServerConfig> {
    let read = |path: &std::path::Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(&files.certificate)?).collect();
    let chain: Vec<CertificateDer<'static>> =
        chain.with_context(|| format!("{} holds no PEM certificates", files.certificate.display()))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .with_context(|| format!("{} holds no PEM private key", files.key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = builder.with_no_client_auth().with_single_cert(chain, key);
    let mut config = config.context("the certificate and the key do not belong together")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

async fn accept(app: App, listener: TcpListener, tls: Arc<ServerTls>, router: Router) {
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let permit = tokio::select! {
            Ok(permit) = permits.clone().acquire_owned() => permit,
            () = app.stopping.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.stopping.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(err) => {
                // Out of file descriptors, say: the next attempt may find some.
                warn!("cannot accept a connection: {err}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let watcher = graceful.watcher();
        let (acceptor, router) = (tls.acceptor(), router.clone());
        tokio::spawn(async move {
            if let Err(err) = connection(stream, peer, acceptor, router, watcher).await {
                debug!("connection of {peer}: {err:#}");
            }
            drop(permit);
        });
    }
    drop(listener);
    if timeout(DRAIN, graceful.shutdown()).await.is_err() {
        warn!("some requests did not end within {} s", DRAIN.as_secs());
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let service = router.map_request(move |mut request: Request<_>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let service = TowerToHyperService::new(service);
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let served = match acceptor {
        Some(acceptor) => {
            let stream = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await.context("no TLS greeting")??;
            watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await
        }
        None => watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned()).await,
    };
    served.map_err(|err| anyhow::anyhow!(err))
}

//! The runtime around the router: one thread, since one server of many needs no more; a clean end at a signal.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use crate::failure::Failure;

/// How long requests in flight may take to end once the server was told to stop.
const GRACE: Duration = Duration::from_millis(300);

/// Runs a future to its end.
pub(crate) fn with_runtime(
    future: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let refused = |e: std::io::Error| system_refused("a runtime", &e);
    runtime.map_err(refused)?.block_on(future)
}

/// From now on SIGINT and SIGTERM only end the returned future.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let refused = |e: std::io::Error| system_refused("signals", &e);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Serves until `stop` ends; then idle connections are closed at once, busy ones after [`GRACE`] at the latest.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let listener = listener.tap_io(|stream| {
        // An answer is written whole: waiting to fill a packet only makes it late. A client that has gone
        // already is met when it is read from.
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, stopped) = tokio::sync::oneshot::channel::<Infallible>();
    let stop = async move {
        stop.await;
        drop(stopping);
    };
    let out_of_grace = async {
        let _ = stopped.await;
        sleep(GRACE).await;
    };
    tokio::select! {
        // It ends by the signal alone: errors of accept and of clients stay inside.
        _ = axum::serve(listener, service).with_graceful_shutdown(stop) => {}
        () = out_of_grace => {}
    }
}

fn system_refused(what: &str, error: &std::io::Error) -> Failure {
    Failure::not_ready(format!("the system refused {what}"))
        .why(error.to_string())
        .next("close some programs, then try again")
}

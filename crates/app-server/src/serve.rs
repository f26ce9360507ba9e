//! The runtime around the router: one thread, since one server of many needs no more; a clean end at a signal.

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use futures_util::FutureExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::failure::Failure;

/// How long requests in flight may take to end once the server was told to stop.
const GRACE: Duration = Duration::from_millis(300);

/// The pause after an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

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
    let (door, mut closed) = Door::new(listener, stop);
    let door = door.tap_io(|stream| {
        // An answer is written whole: waiting to fill a packet only makes it late. A client that has gone
        // already is met when it is read from.
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut also_closed = closed.clone();
    let out_of_grace = async {
        let _ = also_closed.changed().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        // It ends by the signal alone: errors of accept and of clients stay inside.
        _ = axum::serve(door, service).with_graceful_shutdown(async move {
            let _ = closed.changed().await;
        }) => {}
        () = out_of_grace => {}
    }
}

/// The listener, which closes itself before anything else when the server stops. Whoever is in the queue by then
/// is let in, and whoever comes later is refused at once: a balancer then asks another server. Were kept
/// connections closed first, it would open new ones here and lose their requests.
struct Door {
    open: Option<TcpListener>,
    address: SocketAddr,
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
    stopping: bool,
    closed: watch::Sender<()>,
}

impl Door {
    /// The receiver is told when the listener has been closed.
    fn new(
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (Self, watch::Receiver<()>) {
        let (closed, told) = watch::channel(());
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let door = Self {
            address: listener.local_addr().unwrap_or(any),
            open: Some(listener),
            stop: Box::pin(stop),
            stopping: false,
            closed,
        };
        (door, told)
    }

    /// The next client; `None` when the server stops and nobody waits any more.
    async fn next(&mut self) -> Option<(TcpStream, SocketAddr)> {
        loop {
            let listener = self.open.as_ref()?;
            if self.stopping {
                // Only who is there already: an error is one of the client's, `Pending` the end of the queue.
                let waiting = listener.accept().now_or_never();
                return waiting.and_then(Result::ok);
            }
            tokio::select! {
                () = &mut self.stop => self.stopping = true,
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => return Some(accepted),
                    // No descriptors left, say: others may be given back meanwhile.
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                },
            }
        }
    }
}

impl Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        if let Some(client) = self.next().await {
            return client;
        }
        self.open = None;
        self.closed.send_replace(());
        std::future::pending().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn system_refused(what: &str, error: &std::io::Error) -> Failure {
    Failure::not_ready(format!("the system refused {what}"))
        .why(error.to_string())
        .next("close some programs, then try again")
}

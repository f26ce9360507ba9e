//! What rules see besides a message: a world in which nothing ever changes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use samples::tables::{Fill, Question, Told};
use samples::variables::Name;
use samples::view::{BackendLoad, Connection, Load, ServerLoad, Timeouts, World};
use samples::{Value, Variables, View};

/// A frontend `f` before a backend `b` with a server `s1`, which nobody else uses.
pub struct Void;

const SOMEBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

/// Nothing has come.
pub fn view(variables: &Variables) -> View<'_> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    View {
        source: Some(SOMEBODY),
        destination: Some(SOMEBODY),
        tls: None,
        http_major: 1,
        begun: now,
        now,
        request: None,
        request_pending: false,
        response_pending: false,
        bytes: None,
        response_bytes: None,
        more: None,
        body: &[],
        response: None,
        variables,
        request_captures: &[],
        response_captures: &[],
        world: &Void,
        transcript: None,
    }
}

impl World for Void {
    fn frontend(&self) -> &str {
        "f"
    }

    fn backend(&self) -> Option<&str> {
        Some("b")
    }

    fn server(&self) -> Option<&str> {
        Some("s1")
    }

    fn proxy(&self) -> &str {
        "f"
    }

    fn frontend_id(&self) -> u32 {
        2
    }

    fn backend_id(&self) -> Option<u32> {
        Some(3)
    }

    fn server_id(&self) -> Option<u32> {
        Some(1)
    }

    fn frontend_load(&self, _: &str) -> Option<Load> {
        Some(Load::default())
    }

    fn backend_load(&self, _: &str) -> Option<BackendLoad> {
        Some(BackendLoad::default())
    }

    fn connection(&self) -> Option<Connection<'_>> {
        Some(Connection {
            source: SOMEBODY,
            destination: SOMEBODY,
            listener: 1,
            listener_name: None,
            proxied: false,
            first_request: true,
        })
    }

    fn server_connection(&self) -> Option<samples::view::ServerConnection> {
        None
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts::default()
    }

    fn default_backend(&self) -> Option<&str> {
        Some("b")
    }

    fn priority(&self) -> Option<(i64, i64)> {
        Some((0, 0))
    }

    fn is_stopping(&self) -> bool {
        false
    }

    fn server_load(&self, _: &str, _: &str) -> Option<ServerLoad> {
        Some(ServerLoad::default())
    }

    fn ask(&self, _: &Question<'_>) -> Told {
        Told::Number(u64::MAX)
    }

    fn table_fill(&self, _: &str) -> Option<Fill> {
        None
    }

    fn set_variable(&self, _: &Name, _: Option<Value<'static>>) {}

    fn process_variable(&self, _: &Name) -> Option<Value<'static>> {
        Some(Value::Int(i64::MIN))
    }

    fn random(&self) -> u64 {
        u64::MAX
    }

    fn hostname(&self) -> String {
        "lab".to_owned()
    }

    fn environment(&self, _: &str) -> Option<String> {
        Some("value".to_owned())
    }

    fn local_offset(&self, _: i64) -> i64 {
        3600
    }

    fn unique_id(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

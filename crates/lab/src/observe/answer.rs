//! What a server says when it is asked for `/`: `Hi!! from server 8080`.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1::handshake;
use hyper::header::{HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_millis(500);
const GREETING: &str = "Hi!! from server ";

/// The port in `Hi!! from server 8080`, wherever it stands in a text.
pub(crate) fn greeted_port(text: &str) -> Option<u16> {
    let after = text.split(GREETING).nth(1)?;
    let digits = after
        .find(|c: char| !c.is_ascii_digit())
        .map_or(after, |end| &after[..end]);
    digits.parse().ok()
}

/// Asks for a page and gives back its text; `None` when there is no answer in half a second, or a longer one.
///
/// The request says that it is the lab's own, so that it is never counted as a learner's.
pub(crate) async fn get(address: SocketAddr, path: &str, most: usize) -> Option<String> {
    let exchange = async {
        let stream = TcpStream::connect(address).await.ok()?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        let request = Request::get(path)
            .header(HOST, address.to_string())
            .header(USER_AGENT, concat!("lab-probe/", env!("CARGO_PKG_VERSION")))
            .body(Empty::<Bytes>::new())
            .ok()?;
        let response = sender.send_request(request).await.ok()?;
        let body = Limited::new(response.into_body(), most)
            .collect()
            .await
            .ok()?;
        Some(String::from_utf8_lossy(&body.to_bytes()).into_owned())
    };
    timeout(PATIENCE, exchange).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::greeted_port;

    #[test]
    fn the_port_is_found_in_text_and_page() {
        assert_eq!(greeted_port("Hi!! from server 8080"), Some(8080));
        assert_eq!(greeted_port("<h1>Hi!! from server 8081</h1>"), Some(8081));
        assert_eq!(greeted_port("Hello"), None);
        assert_eq!(greeted_port("Hi!! from server 99999"), None);
    }
}

//! What a server says when it is asked for `/`: `Hi!! from server 8080`.

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

/// Asks `GET /` and gives back the first bytes of the answer; `None` when nobody answers in half a second.
///
/// The request says that it is the lab's own, so that it is never counted as a learner's.
pub(crate) async fn ask(address: std::net::SocketAddr) -> Option<String> {
    get(address, "/", 4096).await
}

/// Asks `GET PATH` and gives back head and body, at most so many bytes.
pub(crate) async fn get(address: std::net::SocketAddr, path: &str, most: u64) -> Option<String> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: {address}\r\nUser-Agent: lab-probe/{}\r\n\r\n",
            env!("CARGO_PKG_VERSION")
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut bytes = Vec::new();
        stream.take(most).read_to_end(&mut bytes).await.ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
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

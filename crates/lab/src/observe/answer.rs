//! What a server says when it is asked for `/`: `Hi!! from server 8080`.

use reqwest::redirect::Policy;
use std::net::SocketAddr;
use std::time::Duration;

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
    get_within(address, path, most, PATIENCE).await
}

/// The same, with a patience of the caller's own.
pub(crate) async fn get_within(
    address: SocketAddr,
    path: &str,
    most: usize,
    patience: Duration,
) -> Option<String> {
    let client = reqwest::Client::builder()
        .timeout(patience)
        .user_agent(concat!("lab-probe/", env!("CARGO_PKG_VERSION")))
        // What stands on this machine is asked itself, whatever proxy leads outside.
        .no_proxy()
        .redirect(Policy::none())
        .build()
        .ok()?;
    let asked = client.get(format!("http://{address}{path}")).send();
    let mut response = asked.await.ok()?;
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.ok()? {
        body.extend_from_slice(&piece);
        if body.len() > most {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&body).into_owned())
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

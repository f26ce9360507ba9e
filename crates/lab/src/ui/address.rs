//! Addresses as a person can open them, also where a cloud editor forwards them.

use std::net::SocketAddr;

/// `http://127.0.0.1:3000`; in Codespaces the forwarded address, with the local one in brackets.
pub(crate) fn url(address: SocketAddr) -> String {
    let variable = |name| std::env::var(name).ok();
    forwarded(
        address,
        variable("CODESPACE_NAME"),
        variable("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"),
    )
}

fn forwarded(address: SocketAddr, name: Option<String>, domain: Option<String>) -> String {
    match (name, domain) {
        (Some(name), Some(domain)) => format!(
            "https://{name}-{}.{domain} (http://{address})",
            address.port()
        ),
        _ => format!("http://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codespace_shows_the_address_that_works_from_outside() {
        let address = "127.0.0.1:3000".parse().unwrap();
        assert_eq!(forwarded(address, None, None), "http://127.0.0.1:3000");
        assert_eq!(
            forwarded(
                address,
                Some("odd-fish".into()),
                Some("app.github.dev".into())
            ),
            "https://odd-fish-3000.app.github.dev (http://127.0.0.1:3000)"
        );
    }
}

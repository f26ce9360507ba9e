//! Addresses as a person can open them, also where a cloud editor forwards them.

use std::net::{Ipv4Addr, SocketAddr};

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

/// The port, which is enough on 127.0.0.1; on other addresses the address with it.
pub(crate) fn short(address: SocketAddr) -> String {
    match address.ip() == Ipv4Addr::LOCALHOST {
        true => address.port().to_string(),
        false => address.to_string(),
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

    #[test]
    fn a_port_is_enough_on_the_usual_address() {
        let check = |address: &str, expected| assert_eq!(short(address.parse().unwrap()), expected);
        check("127.0.0.1:8080", "8080");
        check("127.0.0.2:8080", "127.0.0.2:8080");
    }
}

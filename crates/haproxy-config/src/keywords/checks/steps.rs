//! `connect`, `send` and `comment`.

use super::super::tls;
use super::{Step, plain};
use crate::address::{Address, Port, host, parse as parse_address};
use crate::model::{
    CheckAction, CheckConnect, CheckData, CheckPort, CheckRequest, CheckStep, Host, ServerProtocol,
    TlsPolicy,
};
use samples::Format;

impl Step<'_, '_, '_> {
    pub(super) fn comment(&mut self) -> Option<CheckStep> {
        let text = self.value("comment", "expects a string as argument")?;
        Some(CheckStep {
            action: CheckAction::Comment,
            comment: Some(text.text.clone()),
        })
    }

    /// The text after the word `comment`.
    pub(super) fn comment_text(&mut self, ending: &str) -> Option<String> {
        let words = format!("'comment' expects a string as argument{ending}");
        Some(self.value("comment", &words)?.text.clone())
    }

    pub(super) fn connect(&mut self) -> Option<CheckStep> {
        let mut connect = CheckConnect::default();
        let mut comment = None;
        while let Some(word) = self.next() {
            match word.text.as_str() {
                "default" => connect.as_server = true,
                "linger" => connect.linger = true,
                "comment" => comment = Some(self.comment_text(".")?),
                "port" => connect.port = Some(self.connect_port()?),
                "addr" => self.connect_address(&mut connect)?,
                "send-proxy" => connect.send_proxy = true,
                "ssl" => connect.ssl = true,
                "sni" => {
                    let words = "'sni' expects a string as argument.";
                    connect.sni = Some(self.value("sni", words)?.text.clone());
                }
                "alpn" => connect.alpn = Some(self.connect_alpn()?),
                "proto" => connect.protocol = self.connect_protocol()?,
                // A connection without the proxy would tell of another way than that of requests.
                "via-socks4" => return self.not_yet(self.at - 1),
                got => {
                    let words = format!(
                        "expects 'comment', 'port', 'addr', 'send-proxy', 'ssl', 'sni', 'alpn' or 'via-socks4', 'linger', 'default' but got '{got}' as argument."
                    );
                    let text = format!("`connect` has no word `{got}`");
                    return self.wrong(self.at - 1, text, &words);
                }
            }
        }
        Some(CheckStep {
            action: CheckAction::Connect(connect),
            comment,
        })
    }

    fn connect_alpn(&mut self) -> Option<Vec<String>> {
        let missing = "'alpn' : missing the comma-delimited ALPN protocol suite";
        let list = self.value("alpn", missing)?;
        let mut policy = TlsPolicy::default();
        match tls::word(&mut policy, "alpn", &list.text) {
            Ok(()) => Some(policy.alpn),
            Err(words) => {
                let text = format!("`{}` names no protocols", list.text);
                self.wrong(self.at - 1, text, &words)
            }
        }
    }

    /// The one that a check of this kind speaks anyway.
    fn connect_protocol(&mut self) -> Option<Option<ServerProtocol>> {
        let name = self.value("proto", "'proto' expects a MUX protocol as argument.")?;
        let kind = self.line.text(0);
        let own = if kind == "tcp-check" { "none" } else { "h1" };
        let words = match name.text.as_str() {
            "none" if own == "none" => return Some(None),
            "h1" if own == "h1" => return Some(Some(ServerProtocol::Http1)),
            "h2" if own == "h1" => return Some(Some(ServerProtocol::Http2)),
            other @ ("h1" | "h2" | "none" | "fcgi") => {
                format!("'proto' : invalid MUX protocol '{other}' for {kind}")
            }
            other => format!("'proto' : unknown MUX protocol '{other}'."),
        };
        let text = format!("checks do not speak `{}`", name.text);
        self.wrong(self.at - 1, text, &words)
    }

    fn connect_port(&mut self) -> Option<CheckPort> {
        let words = "'port' expects a port number or a sample expression as argument.";
        let text = self.value("port", words)?.text.clone();
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.sample(&text, "port").map(CheckPort::Sample);
        }
        match text.parse() {
            Ok(port @ 1..) => Some(CheckPort::Fixed(port)),
            _ => {
                let words = format!(
                    "expects a valid TCP port (from range 1 to 65535) or a sample expression, got {text}."
                );
                self.wrong(self.at - 1, format!("`{text}` is not a port"), &words)
            }
        }
    }

    fn connect_address(&mut self, connect: &mut CheckConnect) -> Option<()> {
        let word = self.value("addr", "'addr' expects <ipv4|ipv6> as argument.")?;
        match parse_address(&word.text) {
            Ok(Address::Inet { host: name, port }) => {
                // names are looked up for servers only
                let Host::Ip(ip) = host(name) else {
                    return self.not_yet(self.at - 1);
                };
                connect.addr = Some(ip);
                if let Port::Fixed(port) = port {
                    connect.port.get_or_insert(CheckPort::Fixed(port));
                }
                Some(())
            }
            Ok(_) => self.not_yet(self.at - 1),
            Err(error) => {
                let text = format!("`{}` is not an address", word.text);
                let words = format!("'addr' : {}.", error.0);
                self.wrong(self.at - 1, text, &words)
            }
        }
    }

    /// `tcp-check send TEXT`, `send-binary HEX`, and formats that make them: `send-lf`, `send-binary-lf`
    pub(super) fn send(&mut self) -> Option<CheckStep> {
        let name = self.line.text(1);
        // HAProxy names the two the other way round
        let kind = match name {
            "send-binary" => "binary string",
            _ => "string",
        };
        let data = self.value(name, &format!("'{kind}' expects a {name} as argument"))?;
        let text = data.text.as_str();
        let data = match name {
            "send-lf" => CheckData::Text(self.format(text, text)?),
            "send-binary-lf" => CheckData::Hexadecimal(self.format(text, text)?),
            "send-binary" => CheckData::Bytes(self.binary(text, &|text, why| {
                format!("'{text}' invalid binary string ({why}).\n")
            })?),
            _ => CheckData::Bytes(text.as_bytes().to_vec()),
        };
        let mut comment = None;
        while let Some(word) = self.next() {
            if word.text != "comment" {
                let got = &word.text;
                let words = format!("expects 'comment' but got '{got}' as argument.");
                return self.wrong(self.at - 1, format!("`{name}` has no word `{got}`"), &words);
            }
            comment = Some(self.comment_text(".")?);
        }
        Some(CheckStep {
            action: CheckAction::Send(data),
            comment,
        })
    }

    /// Bytes in hexadecimal digits.
    pub(super) fn binary(
        &mut self,
        text: &str,
        words: &dyn Fn(&str, &str) -> String,
    ) -> Option<Vec<u8>> {
        let odd = text.chars().find(|c| !c.is_ascii_hexdigit());
        let why = match odd {
            _ if text.len() % 2 == 1 => "an even number of hex digit is expected".to_owned(),
            Some(odd) => format!("an hex digit is expected (found '{odd}')"),
            None => {
                let pairs = text.as_bytes().chunks(2);
                let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
                return pairs
                    .map(|pair| u8::from_str_radix(pair, 16).ok())
                    .collect();
            }
        };
        let at = self.at - 1;
        self.wrong(
            at,
            format!("`{text}` are no bytes in hexadecimal"),
            &words(text, &why),
        )
    }

    /// `http-check send [meth M] [uri U] [ver V] [hdr N V]... [body B]`; `uri-lf` and `body-lf` are formats.
    pub(super) fn request(&mut self) -> Option<CheckStep> {
        let mut request = CheckRequest::default();
        let mut host = None;
        let mut comment = None;
        while let Some(word) = self.next() {
            let name = word.text.as_str();
            match name {
                "meth" => request.method = Some(self.text(name)?),
                "uri" => request.uri = Some(plain(&self.text(name)?)),
                "ver" => request.version = Some(self.text(name)?),
                "body" => request.body = Some(plain(&self.text(name)?)),
                "uri-lf" => request.uri = Some(self.format_word(name)?),
                "body-lf" => request.body = Some(self.format_word(name)?),
                "hdr" => self.header(&mut request, &mut host)?,
                "comment" => comment = Some(self.comment_text(".")?),
                got => {
                    let words = format!(
                        "expects 'comment', 'meth', 'uri', 'uri-lf', 'ver', 'hdr', 'body' or 'body-lf' but got '{got}' as argument."
                    );
                    let text = format!("`send` has no word `{got}`");
                    return self.wrong(self.at - 1, text, &words);
                }
            }
        }
        Some(CheckStep {
            action: CheckAction::Request(request),
            comment,
        })
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let words = format!("'{name}' expects a string as argument.");
        Some(self.value(name, &words)?.text.clone())
    }

    fn format_word(&mut self, name: &str) -> Option<Format> {
        let text = self.text(name)?;
        self.format(&text, &text)
    }

    /// `host`: the value of a field of this name before.
    fn header(&mut self, request: &mut CheckRequest, host: &mut Option<String>) -> Option<()> {
        let words = "'hdr' expects <name> and <value> as arguments";
        let name = self.value("hdr", words)?.text.clone();
        let text = self.value("hdr", words)?.text.clone();
        if name.eq_ignore_ascii_case("host")
            && let Some(former) = host.replace(text.clone())
        {
            let words = format!("'{name}' header already defined (previous value is '{former}')");
            return self.wrong(self.at - 2, "two `host` headers".into(), &words);
        }
        let own = ["content-length", "transfer-encoding"];
        if own.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Some(());
        }
        match self.own_format(&text) {
            Ok(value) => request.headers.push((name, value)),
            Err(why) => return self.wrong(self.at - 1, format!("`{text}`: {why}"), &why),
        }
        Some(())
    }
}

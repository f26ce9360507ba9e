//! What is added to a request on its way to a server, after all rules.

use super::record::Record;
use super::view::Moment;
use crate::h1::head::RequestHead;
use crate::plan::{Backend, Forwarding};
use std::net::IpAddr;

/// The request's id and the addresses of both ends, where the configuration wants them told.
pub fn add(record: &mut Record, head: &mut RequestHead, backend: &Backend) {
    let frontend = std::sync::Arc::clone(&record.frontend);
    let (front, back) = (&frontend.http.options, &backend.http.options);
    if let Some((name, id)) = front
        .unique_id_header
        .as_ref()
        .zip(record.unique_id.as_ref())
    {
        head.fields.append(name.as_bytes(), id.as_bytes());
    }
    tell(
        head,
        [&back.forwarded_for, &front.forwarded_for],
        b"x-forwarded-for",
        record.client.ip(),
    );
    tell(
        head,
        [&back.original_to, &front.original_to],
        b"x-original-to",
        record.called.ip(),
    );
}

/// Makes the request's id, which rules may ask for.
pub fn name(record: &mut Record, head: &RequestHead) {
    let frontend = std::sync::Arc::clone(&record.frontend);
    if let Some(format) = &frontend.http.options.unique_id {
        let id = {
            let moment = Moment::new(record, &frontend.name);
            format.render(&moment.view(head, &[], None))
        };
        record.unique_id = Some(String::from_utf8_lossy(&id).into_owned());
    }
}

/// Appends an address, if one of the two sections wants it told: under the name of the first, and unless one of them
/// excepts it.
fn tell(head: &mut RequestHead, wanted: [&Option<Forwarding>; 2], usual: &[u8], address: IpAddr) {
    let mut wanted_by = wanted.into_iter().flatten();
    let Some(first) = wanted_by.next() else {
        return;
    };
    let sections = || wanted.into_iter().flatten();
    let excepted = sections().any(|it| it.except.is_some_and(|network| contains(network, address)));
    let named = sections().find_map(|it| it.header.as_ref());
    let name = named.map_or(usual, |name| name.as_bytes());
    let only_if_none = first.if_none && sections().all(|it| it.if_none);
    if excepted || (only_if_none && head.fields.value(name).is_some()) {
        return;
    }
    head.fields.append(name, address.to_string().as_bytes());
}

fn contains(network: crate::plan::Network, address: IpAddr) -> bool {
    let network = samples::pattern::Network {
        address: network.address,
        length: network.length,
    };
    network.contains(address)
}

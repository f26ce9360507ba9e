//! Bodies that are made while they are sent, and the websocket echo.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ws::{Message, WebSocket};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use tokio::time::sleep;

/// Sent again and again by [`zeros`]: large enough that its cost per byte is that of the socket.
static BLOCK: [u8; 64 * 1024] = [b'0'; 64 * 1024];

/// `length` bytes, none of them held longer than the client takes to read it.
pub(crate) fn zeros(length: u64) -> Response {
    let blocks = stream::unfold(length, |left| async move {
        let next = left.min(BLOCK.len() as u64);
        let block = Bytes::from_static(&BLOCK[..next as usize]);
        (next > 0).then_some((Ok::<_, Infallible>(block), left - next))
    });
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
    ];
    (headers, Body::from_stream(blocks)).into_response()
}

/// `count` lines, one at once and one after each `pause`, in chunks of their own.
pub(crate) fn lines(port: u16, count: u32, pause: Duration) -> Response {
    let lines = stream::unfold(0, move |sent| async move {
        if sent == count {
            return None;
        }
        if sent > 0 {
            sleep(pause).await;
        }
        let line = format!("{} of {count} from server {port}\n", sent + 1);
        Some((Ok::<_, Infallible>(line), sent + 1))
    });
    (
        [(CONTENT_TYPE, "text/plain; charset=utf-8")],
        Body::from_stream(lines),
    )
        .into_response()
}

/// Sends every text and every binary message back until the client closes.
pub(crate) async fn echo_messages(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let back = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            // Pings and closes are answered by the library.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
        };
        if back.is_err() {
            return;
        }
    }
}

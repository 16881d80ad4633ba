//! One plain `GET` over TCP.

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The response of `path` on the server at `address`.
pub(crate) async fn response(address: &str, path: &str) -> Response<String> {
    response_to(address, path, &[]).await
}

/// The response to a request with these headers.
pub(crate) async fn response_to(
    address: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Response<String> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut client, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let host = [("host", address)];
    let names_host = headers.iter().any(|(name, _)| *name == "host");
    let headers = host.iter().filter(|_| !names_host).chain(headers);
    let request =
        headers.fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = client.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap())
}

/// The body of `path` on the server at `address`.
pub(crate) async fn get(address: &str, path: &str) -> String {
    response(address, path).await.into_body()
}

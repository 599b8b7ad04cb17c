//! A command's end of the socket.

use std::path::Path;

use super::{Answer, MAX_LINE, Request, SOCKET, TIME};
use crate::failure::{Failure, Outcome};

/// Asks the running process, if there is one.
pub(crate) async fn ask(data_dir: &Path, request: &Request) -> Option<Outcome<String>> {
    let answer = exchange(data_dir, request).await?;
    Some(answer.and_then(|answer| answer.map_err(Failure::new)))
}

/// The same, with what it answers apart from that it does not answer.
#[cfg(unix)]
pub(crate) async fn exchange(data_dir: &Path, request: &Request) -> Option<Outcome<Answer>> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::UnixStream::connect(data_dir.join(SOCKET)).await.ok()?;
    let exchange = async {
        stream.write_all(format!("{}\n", serde_json::to_string(request)?).as_bytes()).await?;
        let mut text = String::new();
        stream.take(MAX_LINE).read_to_string(&mut text).await?;
        std::io::Result::Ok(text)
    };
    Some(match tokio::time::timeout(TIME, exchange).await {
        Ok(Ok(text)) if text.is_empty() => {
            Err(Failure::new("The running maildocket ended before it had answered."))
        }
        Ok(Ok(text)) => serde_json::from_str(&text)
            .map_err(|error| Failure::because("The running maildocket answered something else", error)),
        Ok(Err(error)) => Err(Failure::because("The running maildocket did not answer", error)),
        Err(_) => Err(Failure::new("The running maildocket did not answer in time.")),
    })
}

#[cfg(not(unix))]
pub(crate) async fn exchange(_: &Path, _: &Request) -> Option<Outcome<Answer>> {
    None
}

//! Which of a server's addresses answers first: Happy Eyeballs Version 2 (RFC 8305), as far as it is about connections.
//! An address at which nobody answers costs a moment and not the connection.

use std::{collections::VecDeque, io, net::SocketAddr, time::Duration};

use tokio::{
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// The Connection Attempt Delay that RFC 8305 section 8 recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Connects to the first address that answers: a new attempt every [`ATTEMPT_DELAY`], and at once where one has failed. The
/// attempts that lose are given up. The last error where all fail; without an end where nobody answers.
pub(crate) async fn first_to_answer(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = interleaved(addresses);
    let mut attempts = JoinSet::new();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    loop {
        if let Some(address) = waiting.pop_front() {
            attempts.spawn(TcpStream::connect(address));
        }
        let next = Instant::now() + ATTEMPT_DELAY;
        tokio::select! {
            ended = attempts.join_next() => match ended {
                Some(Ok(Ok(stream))) => return Ok(stream),
                Some(Ok(Err(error))) => last = error,
                Some(Err(error)) => last = error.into(),
                None => return Err(last),
            },
            () = sleep_until(next), if !waiting.is_empty() => {}
        }
    }
}

/// The families by turns, the resolver's order kept within each (RFC 8305 section 4): the first is what it holds for best.
fn interleaved(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut turns = VecDeque::new();
    loop {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            return turns;
        }
        turns.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        net::{TcpListener, TcpSocket},
        time::timeout,
    };

    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// An address at which a connection is neither taken nor refused: its queue is full. It stays so while this is kept.
    async fn dead() -> (SocketAddr, Vec<TcpStream>, TcpListener) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(address("127.0.0.1:0")).unwrap();
        let listener = socket.listen(1).unwrap();
        let at = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(at)).await {
            queued.push(stream.unwrap());
        }
        (at, queued, listener)
    }

    #[test]
    fn families_take_turns() {
        let given = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"].map(address);
        let wanted = ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"].map(address);
        assert_eq!(interleaved(given.to_vec()), wanted);
        assert_eq!(interleaved(vec![given[3], given[0]]), [given[3], given[0]]);
        assert!(interleaved(Vec::new()).is_empty());
    }

    #[tokio::test]
    async fn dead_addresses_cost_a_moment_each() {
        let (dead, _queued, _listener) = dead().await;
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = alive.local_addr().unwrap();
        let began = Instant::now();
        let stream =
            timeout(Duration::from_secs(5), first_to_answer(vec![dead, dead, at])).await.unwrap().unwrap();
        assert_eq!(stream.peer_addr().unwrap(), at);
        assert!(began.elapsed() >= 2 * ATTEMPT_DELAY);
    }

    #[tokio::test]
    async fn a_refusal_costs_nothing_and_the_last_one_is_the_error() {
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let alive = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = alive.local_addr().unwrap();
        let refused = vec![closed; 40];
        let all: Vec<_> = refused.iter().copied().chain([at]).collect();
        let quick = timeout(20 * ATTEMPT_DELAY, first_to_answer(all)).await.unwrap();
        assert_eq!(quick.unwrap().peer_addr().unwrap(), at);
        let error = first_to_answer(refused).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(first_to_answer(Vec::new()).await.is_err());
    }
}

//! A server for benchmarks that notes when requests arrive: `arrivals ADDRESS`. `GET /report` tells how even they were, and forgets them.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use rustix::event::epoll;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 3\r\n\r\nok\n";

/// The listener's number among connections.
const LISTENER: u64 = u64::MAX;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:27090".to_owned());
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(LISTENER);
    epoll::add(&epoll, &listener, data, epoll::EventFlags::IN)?;
    let mut connections: Vec<Option<TcpStream>> = Vec::new();
    let mut arrivals: Vec<Instant> = Vec::with_capacity(1 << 20);
    let mut events = Vec::with_capacity(256);
    let mut buffer = [0; 4096];
    loop {
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let number = event.data.u64();
            let Some(index) = usize::try_from(number).ok().filter(|_| number != LISTENER) else {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    let data =
                        epoll::EventData::new_u64(u64::try_from(connections.len()).unwrap_or(0));
                    epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
                    connections.push(Some(stream));
                }
                continue;
            };
            let Some(place) = connections.get_mut(index) else { continue };
            let Some(stream) = place else { continue };
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => *place = None,
                Ok(length) => {
                    let now = Instant::now();
                    if buffer
                        .get(..length)
                        .is_some_and(|request| request.starts_with(b"GET /report"))
                    {
                        let body = report(&arrivals);
                        arrivals.clear();
                        let head =
                            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                        let _ = stream.write_all((head + &body).as_bytes());
                    } else {
                        arrivals.push(now);
                        let _ = stream.write_all(ANSWER);
                    }
                }
            }
        }
    }
}

/// Count, mean distance and coefficient of variation; the first second is left out, where generators warm up.
#[expect(clippy::cast_precision_loss, reason = "a ratio to look at")]
fn report(arrivals: &[Instant]) -> String {
    let Some(first) = arrivals.first() else { return "{\"count\":0}".to_owned() };
    let gaps: Vec<f64> = arrivals
        .iter()
        .zip(arrivals.iter().skip(1))
        .filter(|(before, _)| before.duration_since(*first).as_secs() >= 1)
        .map(|(before, after)| after.duration_since(*before).as_secs_f64())
        .collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    let (count, variation) = (arrivals.len(), variance.sqrt() / mean);
    format!("{{\"count\":{count},\"mean_us\":{},\"cov\":{variation}}}", mean * 1e6)
}

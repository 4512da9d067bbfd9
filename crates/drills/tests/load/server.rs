//! A service of the tests: what it does follows from the path.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// What the service saw, and the gate before each answer.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: Mutex<Vec<String>>,
    /// Paths with the time of their answer.
    pub(crate) answers: Mutex<Vec<(String, SystemTime)>>,
    pub(crate) answered: AtomicU64,
    is_shut: Mutex<bool>,
    opened: Condvar,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    is_over: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            is_over: Arc::default(),
        };
        let (seen, is_over) = (Arc::clone(&server.seen), Arc::clone(&server.is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream.unwrap(), &seen));
            }
        });
        server
    }

    /// Answers nothing for so long, beginning after so long.
    pub(crate) fn stall(&self, after: Duration, lasts: Duration) -> std::thread::JoinHandle<()> {
        let seen = Arc::clone(&self.seen);
        let start = Instant::now();
        std::thread::spawn(move || {
            park_until(start + after);
            *seen.is_shut.lock().unwrap() = true;
            park_until(Instant::now() + lasts);
            *seen.is_shut.lock().unwrap() = false;
            seen.opened.notify_all();
        })
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn park_until(time: Instant) {
    while let Some(left) =
        time.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    {
        std::thread::park_timeout(left);
    }
}

/// One connection.
fn serve(mut stream: TcpStream, seen: &Seen) {
    stream.set_nodelay(true).unwrap();
    let mut held = Vec::new();
    for number in 0.. {
        let Some(request) = next_request(&mut stream, &mut held) else { return };
        let path = request.split(' ').nth(1).unwrap_or("").to_owned();
        seen.requests.lock().unwrap().push(request);
        let mut is_shut = seen.is_shut.lock().unwrap();
        while *is_shut {
            is_shut = seen.opened.wait(is_shut).unwrap();
        }
        drop(is_shut);
        seen.answers.lock().unwrap().push((path.clone(), SystemTime::now()));
        if !answer(&mut stream, &path, number, seen) {
            return;
        }
    }
}

fn answer(stream: &mut TcpStream, path: &str, number: u64, seen: &Seen) -> bool {
    let mut send = |text: &str| stream.write_all(text.as_bytes()).is_ok();
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n";
    match path.split('?').next().unwrap_or("") {
        "/created" => {
            let id = seen.answered.fetch_add(1, Ordering::SeqCst);
            let body = format!("{{\"id\":\"o-{id}\"}}");
            send(&format!("HTTP/1.1 201 C\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
        }
        "/chunked" => {
            send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nok\n\r\n0\r\n\r\n")
        }
        "/until-close" => !send("HTTP/1.1 200 OK\r\n\r\nok\n"),
        "/missing" => send("HTTP/1.1 404 N\r\ncontent-length: 0\r\n\r\n"),
        "/garbage" => send("what?\r\n\r\n"),
        "/never" => {
            // Until the client gives up.
            let _ = stream.read(&mut [0; 1]);
            false
        }
        "/half" => !send("HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nok\n"),
        "/reset" => reset(stream),
        // The first is answered; the next is read, and then the connection closed.
        "/taken-and-closed" => number == 0 && send(ok),
        // The next is not even read: closing with unread bytes resets.
        "/closed-when-idle" => {
            send(ok);
            let _ = stream.peek(&mut [0; 1]);
            false
        }
        _ => send(ok),
    }
}

fn reset(stream: &mut TcpStream) -> bool {
    socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO)).unwrap();
    false
}

/// The next request's head and body, or nothing when the client is gone.
fn next_request(stream: &mut TcpStream, held: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(held).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            let whole = end + 4 + length;
            if held.len() >= whole {
                held.drain(..whole);
                return Some(text[..whole].to_owned());
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) | Err(_) => return None,
            Ok(count) => held.extend_from_slice(&part[..count]),
        }
    }
}

//! Serves one proxy, or Toxiproxy's API, until it is killed: `proxy LISTEN KIND UPSTREAM` with kind `tcp` or `http`, or `proxy LISTEN toxiproxy SEED`.
//! For measurements and for the test suites of Toxiproxy's clients.

use std::future::pending;
use std::thread;
use std::time::Duration;

use gonogo_drills::proxy::{Kind, Proxy, Settings, toxiproxy};
use tokio::runtime::Builder;

/// How often events are taken out of the log, so that it is never full.
const DRAIN: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, kind, last] = arguments.as_slice() else {
        return Err("usage: proxy LISTEN tcp|http UPSTREAM | proxy LISTEN toxiproxy SEED".into());
    };
    let listen = listen.parse()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    if kind == "toxiproxy" {
        return Ok(runtime.block_on(toxiproxy::serve(listen, last.parse()?))?);
    }
    let kind = if kind == "http" { Kind::Http } else { Kind::Tcp };
    let settings = Settings { listen, ..Settings::new(kind, last.as_str()) };
    let proxy = Proxy::start(runtime.handle(), settings)?;
    // As a drill does, from a thread of its own: a timer on the runtime would be set anew at every wait of the proxy.
    thread::spawn(move || {
        loop {
            thread::sleep(DRAIN);
            drop(proxy.drain());
        }
    });
    runtime.block_on(pending())
}

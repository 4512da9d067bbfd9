//! Serves one proxy, or Toxiproxy's API, until it is killed: `proxy LISTEN KIND UPSTREAM` with kind `tcp` or `http`, or `proxy LISTEN toxiproxy SEED`.
//! For measurements and for the test suites of Toxiproxy's clients.

use gonogo_drills::proxy::{Kind, Proxy, Settings, toxiproxy};
use tokio::runtime::{Builder, Handle};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, kind, last] = arguments.as_slice() else {
        return Err("usage: proxy LISTEN tcp|http UPSTREAM | proxy LISTEN toxiproxy SEED".into());
    };
    let listen = listen.parse()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if kind == "toxiproxy" {
            return Ok(toxiproxy::serve(listen, last.parse()?).await?);
        }
        let kind = if kind == "http" { Kind::Http } else { Kind::Tcp };
        let settings = Settings { listen, ..Settings::new(kind, last.as_str()) };
        let proxy = Proxy::start(&Handle::current(), settings)?;
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            drop(proxy.drain());
        }
    })
}

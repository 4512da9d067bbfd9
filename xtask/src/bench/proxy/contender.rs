//! Proxies, how each is started, and what the operating system says of each.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::bench::server::connect;

/// Where the proxies listen.
const ADDRESSES: [&str; 3] = ["127.0.0.1:27182", "127.0.0.1:27183", "127.0.0.1:27184"];

/// Where Toxiproxy is told what to do.
const API: &str = "127.0.0.1:27185";

/// Ticks of a second, as `/proc` counts processor time; the same on every Linux.
const TICKS_PER_S: f64 = 100.0;

/// One running proxy.
pub(super) struct Contender {
    pub(super) name: &'static str,
    pub(super) address: String,
    child: Child,
}

impl Contender {
    /// Starts all that this machine has, as the words say.
    pub(super) fn start(examples: &Path, upstream: &str, how: &[String]) -> Result<Vec<Self>> {
        let program = examples.join("proxy");
        let [http, tcp, other] = ADDRESSES;
        let mut all = vec![
            Self::gonogo("gonogo, observing HTTP", &program, [http, "http", upstream], how)?,
            Self::gonogo("gonogo, plain TCP", &program, [tcp, "tcp", upstream], how)?,
        ];
        all.extend(Self::toxiproxy(other, upstream, how)?);
        Ok(all)
    }

    fn gonogo(
        name: &'static str,
        program: &Path,
        arguments: [&str; 3],
        how: &[String],
    ) -> Result<Self> {
        let child = Command::new("env").args(how).arg(program).args(arguments).spawn()?;
        let [address, ..] = arguments;
        let contender = Self { name, address: address.to_owned(), child };
        connect(address)?;
        Ok(contender)
    }

    /// Toxiproxy, if it is there; `TOXIPROXY` names its program if it is not on the path.
    fn toxiproxy(address: &str, upstream: &str, how: &[String]) -> Result<Option<Self>> {
        let program = std::env::var("TOXIPROXY").unwrap_or_else(|_| "toxiproxy-server".to_owned());
        if Command::new(&program).arg("-version").output().is_err() {
            return Ok(None);
        }
        let (host, port) = API.split_once(':').context("an address has a port")?;
        let child = Command::new("env")
            .args(how)
            .args([&program, "-host", host, "-port", port])
            .env("GOMAXPROCS", "1")
            .env("LOG_LEVEL", "error")
            .stdout(Stdio::null())
            .spawn()?;
        let contender = Self { name: "toxiproxy-server", address: address.to_owned(), child };
        let body = format!(r#"{{"name":"nginx","listen":"{address}","upstream":"{upstream}"}}"#);
        let mut stream = connect(API)?;
        write!(
            stream,
            "POST /proxies HTTP/1.1\r\nHost: {API}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.1 201") {
            bail!("toxiproxy-server answered `{answer}`");
        }
        Ok(Some(contender))
    }

    /// Whether it is the one that the others are compared with.
    pub(super) fn is_reference(&self) -> bool {
        self.name == "toxiproxy-server"
    }

    /// User and system time of the process so far.
    pub(super) fn cpu_s(&self) -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name of the process may hold anything, spaces too.
        let fields = text.rsplit(')').next().unwrap_or_default();
        let ticks: Vec<f64> = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse().ok())
            .collect();
        let [user, system] = ticks[..] else { bail!("/proc says `{text}`") };
        Ok((user + system) / TICKS_PER_S)
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

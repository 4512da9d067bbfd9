//! The servers of the benchmark: nginx, and one that notes when requests arrive.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::measure::undisturbed;

const NGINX: &str = "127.0.0.1:27180";

/// Bytes of the answer at `/long`: too many for one read of a proxy.
const LONG: usize = 40_000;

const ARRIVALS: &str = "127.0.0.1:27181";

/// One nginx with one worker.
pub(super) struct Nginx {
    child: Child,
    pub(super) address: &'static str,
    worker: String,
    folder: PathBuf,
}

impl Nginx {
    /// Started as the words say.
    pub(super) fn start(how: &[String]) -> Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("gonogo-bench-nginx-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let settings = format!(
            "worker_processes 1; daemon off; pid {0}/pid; error_log {0}/errors;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;\n\
             server {{ listen {NGINX} backlog=4096; location / {{ default_type text/plain; return 200 \"ok\\n\"; }}\n\
             location = /long {{ root {0}; }} }} }}\n",
            folder.display()
        );
        fs::write(folder.join("nginx.conf"), settings)?;
        fs::write(folder.join("long"), "x".repeat(LONG))?;
        let child = Command::new("env")
            .args(how)
            .args(["nginx", "-p"])
            .arg(&folder)
            .args(["-c", "nginx.conf", "-e", "errors"])
            .spawn()
            .context("nginx is needed (Debian: nginx-light)")?;
        let mut nginx = Self { child, address: NGINX, worker: String::new(), folder };
        connect(NGINX)?;
        nginx.worker = nginx.awaited_worker()?;
        Ok(nginx)
    }

    /// The process id of the worker, which is started after the first connection may be made.
    fn awaited_worker(&self) -> Result<String> {
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let started = Instant::now();
        loop {
            if let Some(worker) = fs::read_to_string(&children)?.split_whitespace().next() {
                return Ok(worker.to_owned());
            }
            if started.elapsed() > Duration::from_secs(10) {
                bail!("nginx has no worker");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the worker for a second after so many; how long it was, in milliseconds.
    pub(super) fn stop_worker_after(&self, seconds: f64) -> JoinHandle<Result<f64>> {
        let worker = self.worker.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs_f64(seconds));
            signal(&worker, "-STOP")?;
            let stopped = Instant::now();
            std::thread::sleep(Duration::from_secs(1));
            signal(&worker, "-CONT")?;
            Ok(stopped.elapsed().as_secs_f64() * 1e3)
        })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if !self.worker.is_empty() {
            let _ = signal(&self.worker, "-CONT");
        }
        let _ = signal(&self.child.id().to_string(), "-TERM");
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn signal(process: &str, signal: &str) -> Result<()> {
    let status = Command::new("kill").args([signal, process]).status()?;
    if !status.success() {
        bail!("process {process} does not take {signal}");
    }
    Ok(())
}

/// Waits until somebody listens there.
pub(super) fn connect(address: &str) -> Result<TcpStream> {
    let started = Instant::now();
    loop {
        match TcpStream::connect(address) {
            Ok(stream) => return Ok(stream),
            Err(error) if started.elapsed() > Duration::from_secs(10) => {
                return Err(error).with_context(|| format!("nobody listens at {address}"));
            }
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// A server that notes when requests arrive.
pub(super) struct Arrivals {
    child: Child,
    pub(super) address: &'static str,
}

/// What it noted.
pub(super) struct Seen {
    pub(super) count: u64,
    /// Coefficient of variation of the time between two arrivals.
    pub(super) variation: f64,
}

impl Arrivals {
    pub(super) fn start(program: &Path) -> Result<Self> {
        let child = Command::new("env").args(undisturbed()).arg(program).arg(ARRIVALS).spawn()?;
        connect(ARRIVALS)?;
        Ok(Self { child, address: ARRIVALS })
    }

    /// What it noted since it was last asked.
    pub(super) fn report(&self) -> Result<Seen> {
        let mut stream = connect(self.address)?;
        stream.write_all(b"GET /report HTTP/1.1\r\n\r\n")?;
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer)?;
        let text = String::from_utf8_lossy(answer.get(..length).unwrap_or(&[])).into_owned();
        let body = text.split("\r\n\r\n").nth(1).unwrap_or("");
        let told: serde_json::Value =
            serde_json::from_str(body).with_context(|| format!("arrivals reported `{text}`"))?;
        Ok(Seen {
            count: told.get("count").and_then(serde_json::Value::as_u64).unwrap_or(0),
            variation: told.get("cov").and_then(serde_json::Value::as_f64).unwrap_or(0.0),
        })
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Lets a service tell of itself: what it exports comes to the drill, and so does what it writes into a log file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Output, Stream, get};
use crate::{Door, Service};

/// The service told by its environment to export to `receiver`, at once rather than every some seconds.
///
/// Variables for single signals would win over the one for all, so where the service has them they are set too.
pub(super) fn exporting(service: &Service, receiver: SocketAddr) -> Service {
    let mut service = service.clone();
    let Some(command) = &mut service.command else { return service };
    let endpoint = format!("http://{receiver}");
    for (name, value) in &mut command.environment {
        let path = match name.as_str() {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" => "/v1/traces",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT" => "/v1/logs",
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" => "/v1/metrics",
            _ => continue,
        };
        *value = format!("{endpoint}{path}");
    }
    command.environment.insert("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint);
    for (name, value) in [
        ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
    ] {
        command.environment.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    service
}

/// The page of metrics at `path`, where there is one and it answers within `limit`.
pub(super) fn metrics(door: Door<'_>, path: Option<&str>, limit: Duration) -> Option<String> {
    let answer = get(door, path?, limit).ok()?;
    answer.is_ok().then_some(answer.body)
}

/// Reads the file that the service logs into from now on, along with what it prints, until that is dropped which is returned.
pub(super) fn follow_file(service: &Service, output: &Output) -> Option<Following> {
    let path = service.logs.as_deref().filter(|logs| !matches!(*logs, "stdout" | "stderr"))?;
    let path = service.folder.join(path);
    let skip = std::fs::metadata(&path).map_or(0, |found| found.len());
    let is_over = Arc::new(AtomicBool::new(false));
    output.follow(Stream::File, Tail { path, skip, file: None, is_over: Arc::clone(&is_over) });
    Some(Following(is_over))
}

/// A log file that is being read; dropping it ends that.
#[derive(Debug)]
pub(super) struct Following(Arc<AtomicBool>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Reads a file that grows, once it is there; its end is when nobody wants more.
struct Tail {
    path: PathBuf,
    skip: u64,
    file: Option<File>,
    is_over: Arc<AtomicBool>,
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Looked at before the file, so that what was written by then is still read.
            let is_over = self.is_over.load(Ordering::SeqCst);
            if self.file.is_none()
                && std::fs::metadata(&self.path).is_ok_and(|found| found.is_file())
            {
                let mut file = File::open(&self.path)?;
                file.seek(SeekFrom::Start(self.skip))?;
                self.file = Some(file);
            }
            let count = self.file.as_mut().map_or(Ok(0), |file| file.read(buffer))?;
            if count > 0 || is_over {
                return Ok(count);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_log_file_is_read_from_where_it_was_to_where_it_is_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.log");
        std::fs::write(&path, "old\n").unwrap();
        let is_over = Arc::new(AtomicBool::new(true));
        let mut tail = Tail { path: path.clone(), skip: 4, file: None, is_over };
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"new\n").unwrap();
        let mut text = String::new();
        tail.read_to_string(&mut text).unwrap();
        assert_eq!(text, "new\n");
    }

    #[test]
    fn endpoints_of_single_signals_are_led_to_the_receiver_too() {
        let mut service =
            Service { command: Some(crate::Command::default()), ..Service::default() };
        let environment = &mut service.command.as_mut().unwrap().environment;
        environment.insert(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT".into(),
            "http://collector:4318/v1/traces".into(),
        );
        environment.insert("OTEL_BSP_SCHEDULE_DELAY".into(), "50".into());
        let told = exporting(&service, "127.0.0.1:9".parse().unwrap()).command.unwrap().environment;
        assert_eq!(told["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], "http://127.0.0.1:9/v1/traces");
        assert_eq!(told["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://127.0.0.1:9");
        assert_eq!(told["OTEL_BSP_SCHEDULE_DELAY"], "50");
    }
}

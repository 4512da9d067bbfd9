//! What the service takes from its environment.

use std::net::SocketAddr;
use std::time::Duration;

use crate::Defect;

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `LISTEN`: where it listens.
    pub listen: SocketAddr,
    /// `DATABASE_URL`.
    pub database: tokio_postgres::Config,
    /// `DATABASE_CONNECTIONS`: how many it opens at most; 8 where it is not set.
    pub database_connections: usize,
    /// `PAYMENTS_URL`.
    pub payments: SocketAddr,
    /// `AUDIT_URL`.
    pub audit: SocketAddr,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: where spans go, if anywhere.
    pub spans: Option<SocketAddr>,
    /// `GRACE_S`: how long it finishes requests after it was asked to stop; 10 where it is not set.
    pub grace: Duration,
    /// `DEFECT`: what is wrong with it, for trying drills.
    pub defect: Option<Defect>,
}

impl Settings {
    /// Reads and checks them; the error names the setting and what it should be.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let defect = match read("DEFECT").filter(|name| !name.is_empty()) {
            Some(name) => Some(Defect::named(&name).ok_or_else(|| unknown_defect(&name))?),
            None => None,
        };
        let is_lax = defect == Some(Defect::AcceptsBadSettings);
        let database =
            required(&read, "DATABASE_URL", "postgres://USER@HOST:PORT/NAME").and_then(|url| {
                url.parse().map_err(|error| format!("DATABASE_URL is not understood: {error}"))
            });
        Ok(Self {
            listen: address(&read, "LISTEN", "")?,
            database: if is_lax { database.unwrap_or_default() } else { database? },
            database_connections: number(&read, "DATABASE_CONNECTIONS", 8)?,
            payments: address(&read, "PAYMENTS_URL", "http://")?,
            audit: address(&read, "AUDIT_URL", "http://")?,
            spans: read("OTEL_EXPORTER_OTLP_ENDPOINT")
                .map(|_| address(&read, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://"))
                .transpose()?,
            grace: Duration::from_secs(number(&read, "GRACE_S", 10)? as u64),
            defect,
        })
    }

    /// Whether `defect` is planted.
    pub(crate) fn has(&self, defect: Defect) -> bool {
        self.defect == Some(defect)
    }
}

fn unknown_defect(name: &str) -> String {
    format!("DEFECT=`{name}` is not known: {}", Defect::names().collect::<Vec<_>>().join(", "))
}

fn required(
    read: &impl Fn(&str) -> Option<String>,
    name: &str,
    form: &str,
) -> Result<String, String> {
    read(name)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("{name} is not set: give it as {form}"))
}

fn address(
    read: &impl Fn(&str) -> Option<String>,
    name: &str,
    scheme: &str,
) -> Result<SocketAddr, String> {
    let form = format!("{scheme}IP:PORT");
    let value = required(read, name, &form)?;
    let text = value.strip_prefix(scheme).unwrap_or(&value).trim_end_matches('/');
    text.parse().map_err(|_| format!("{name}=`{value}` is not understood: give it as {form}"))
}

fn number(
    read: &impl Fn(&str) -> Option<String>,
    name: &str,
    default: usize,
) -> Result<usize, String> {
    let Some(value) = read(name) else { return Ok(default) };
    match value.parse() {
        Ok(number) if (1..=1000).contains(&number) => Ok(number),
        _ => Err(format!("{name}=`{value}` is not a number from 1 to 1000")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changed: &'static str, value: Option<&'static str>) -> Result<Settings, String> {
        Settings::from_environment(|name| {
            if name == changed {
                return value.map(str::to_owned);
            }
            let given = match name {
                "LISTEN" => "127.0.0.1:8080",
                "DATABASE_URL" => "postgres://orders@127.0.0.1:5432/orders",
                "PAYMENTS_URL" => "http://127.0.0.1:8081",
                "AUDIT_URL" => "http://127.0.0.1:8082/",
                _ => return None,
            };
            Some(given.to_owned())
        })
    }

    #[test]
    fn what_is_given_is_taken_and_the_rest_has_defaults() {
        let settings = read("", None).unwrap();
        assert_eq!(settings.audit.port(), 8082);
        assert_eq!((settings.database_connections, settings.defect), (8, None));
    }

    #[test]
    fn each_wrong_setting_is_named() {
        for (name, value) in [
            ("LISTEN", Some("8080")),
            ("DATABASE_URL", None),
            ("PAYMENTS_URL", Some("payments")),
            ("DATABASE_CONNECTIONS", Some("0")),
            ("DEFECT", Some("x")),
        ] {
            assert!(read(name, value).unwrap_err().contains(name), "{name}");
        }
    }
}

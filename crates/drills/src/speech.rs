//! How the drills speak with a service: over TLS or not, in which version of HTTP, and by which name.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::ClientConfig;

use crate::harness::{agreed, greets};
use crate::load::{self, Http, Secure, Target, Tls, Trusted};

/// What stands for the port in the `run.url` of a service that is started.
const PORT: &str = "{port}";
/// How long the service may take to say which version of HTTP it speaks.
const AGREED_WITHIN: Duration = Duration::from_secs(2);

/// What stands before the name in the URL of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP/1.1 without TLS.
    #[default]
    Http,
    /// TLS; the service chooses HTTP/2 or HTTP/1.1 in the handshake.
    Https,
    /// HTTP/2 without TLS, by prior knowledge.
    H2c,
}

/// How a service is spoken to. Clones share what was found out about it.
#[derive(Clone, Debug, Default)]
pub struct Speech {
    scheme: Scheme,
    host: Option<String>,
    /// Whether it is an address of IPv6 by which it is called.
    is_ipv6: bool,
    found: Arc<Found>,
}

#[derive(Debug, Default)]
struct Found {
    http: OnceLock<Http>,
    checking: OnceLock<Arc<ClientConfig>>,
    unchecking: OnceLock<Arc<ClientConfig>>,
}

impl PartialEq for Speech {
    fn eq(&self, other: &Self) -> bool {
        (self.scheme, &self.host, self.is_ipv6) == (other.scheme, &other.host, other.is_ipv6)
    }
}

impl Speech {
    /// As a `run.url` says it: `https://localhost:{port}`.
    pub fn declared(url: &str) -> Option<Self> {
        let (speech, port) = Self::parse(url)?;
        (port == Some(PORT)).then_some(speech)
    }

    /// As the URL of a running service says it, `https://localhost:8443`, and where that service is. Of several addresses, as `localhost` often
    /// has, the first of this machine that somebody listens at.
    pub fn running(url: &str) -> Result<(Self, SocketAddr), String> {
        let (speech, port) = Self::parse(url).ok_or_else(|| {
            format!("`{url}` is no address: give it as IP:PORT, or as http://, https:// or h2c:// with HOST:PORT and nothing behind")
        })?;
        let port = port.map_or(Some(speech.usual_port()), port_of);
        let port = port.ok_or_else(|| {
            format!("`{url}` has no port that there can be: 1 to 65535, and nothing behind")
        })?;
        let host = host(url);
        let found = match (bare(host).parse::<IpAddr>(), host) {
            (Ok(ip), _) => vec![SocketAddr::new(ip, port)],
            (Err(_), name) => (name, port)
                .to_socket_addrs()
                .map_err(|error| format!("`{name}` cannot be resolved: {error}"))?
                .collect(),
        };
        let listens = |address: &&SocketAddr| {
            address.ip().is_loopback() && TcpStream::connect_timeout(address, AGREED_WITHIN).is_ok()
        };
        let one = if found.len() == 1 { None } else { found.iter().find(listens) };
        let address = one.or(found.first()).ok_or_else(|| format!("`{host}` has no address"))?;
        Ok((speech, *address))
    }

    fn parse(url: &str) -> Option<(Self, Option<&str>)> {
        let (scheme, rest) = url.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            "h2c" => Scheme::H2c,
            _ => return None,
        };
        let host = host(url);
        let port = match rest.get(host.len()..)?.trim_end_matches('/') {
            "" => None,
            port => Some(port.strip_prefix(':')?),
        };
        let ip = bare(host).parse::<IpAddr>().ok();
        let is_name = !host.is_empty()
            && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        let is_ipv6 = ip.is_some_and(|ip| ip.is_ipv6());
        let name = ip.is_none().then(|| host.to_owned());
        let speech = Self { scheme, host: name, is_ipv6, ..Self::default() };
        (ip.is_some() || is_name).then_some((speech, port))
    }

    /// Where a service that is started for a drill listens: on `[::1]` where its URL says so, else on 127.0.0.1.
    pub(crate) fn loopback(&self) -> IpAddr {
        if self.is_ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() }
    }

    fn usual_port(&self) -> u16 {
        if self.scheme == Scheme::Https { 443 } else { 80 }
    }

    /// The service at `address`, spoken to like this.
    pub fn at(&self, address: SocketAddr) -> Door<'_> {
        Door { speech: self, address }
    }

    /// The version of HTTP that the service has chosen, where it was asked.
    fn chosen(&self) -> Option<Http> {
        match self.scheme {
            Scheme::Http => Some(Http::One),
            Scheme::H2c => Some(Http::Two),
            Scheme::Https => self.found.http.get().copied(),
        }
    }

    fn config(&self, checks: bool) -> io::Result<Arc<ClientConfig>> {
        let (known, trusted) = if checks {
            (&self.found.checking, Trusted::Machine)
        } else {
            (&self.found.unchecking, Trusted::Anybody)
        };
        if let Some(config) = known.get() {
            return Ok(Arc::clone(config));
        }
        let config = load::config(&trusted).map_err(io::Error::other)?;
        Ok(Arc::clone(known.get_or_init(|| Arc::new(config))))
    }
}

/// A port that somebody can listen on; a sign before it is none.
fn port_of(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|letter| letter.is_ascii_digit());
    text.parse().ok().filter(|port| is_number && *port > 0)
}

/// The host in a URL, an address of IPv6 with its brackets.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = match rest.strip_prefix('[').and_then(|rest| rest.find(']')) {
        Some(end) => end + 2,
        None => rest.find([':', '/']).unwrap_or(rest.len()),
    };
    rest.get(..end).unwrap_or(rest)
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// Where a service is, and how it is spoken to there.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    speech: &'a Speech,
    address: SocketAddr,
}

impl Door<'_> {
    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `HOST:PORT` that it is called by in requests.
    pub(crate) fn authority(&self) -> String {
        match &self.speech.host {
            Some(host) => format!("{host}:{}", self.address.port()),
            None => self.address.to_string(),
        }
    }

    fn is_secure(&self) -> bool {
        self.speech.scheme == Scheme::Https
    }

    /// A certificate says nothing of what is on this machine: mostly it is one that nobody vouches for.
    fn checks(&self) -> bool {
        !self.address.ip().is_loopback()
    }

    /// How TLS is set up, where it is spoken.
    pub(crate) fn secure(&self) -> io::Result<Option<Secure>> {
        if !self.is_secure() {
            return Ok(None);
        }
        let ip = self.address.ip().to_string();
        let name = load::named(self.speech.host.as_deref().unwrap_or(&ip));
        let config = self.speech.config(self.checks())?;
        Ok(Some(Secure { config, name: name.map_err(io::Error::other)? }))
    }

    /// The version of HTTP that is spoken; asks the service over TLS, the first time.
    pub(crate) fn http(&self, limit: Duration) -> io::Result<Http> {
        if let Some(http) = self.speech.chosen() {
            return Ok(http);
        }
        let http = match self.secure()? {
            Some(secure) => agreed(self.address, &secure.offering(&[Http::Two, Http::One]), limit)?,
            None => Http::One,
        };
        Ok(*self.speech.found.http.get_or_init(|| http))
    }

    /// The same for the load generator. Of a service that cannot be asked now HTTP/1.1 is taken: nearly all speak it.
    pub(crate) fn target(&self) -> Target {
        let trusted = if self.checks() { Trusted::Machine } else { Trusted::Anybody };
        Target {
            address: self.address.to_string(),
            authority: Some(self.authority()),
            tls: self.is_secure().then(|| Tls { server_name: self.speech.host.clone(), trusted }),
            http: self.http(AGREED_WITHIN).unwrap_or_default(),
        }
    }

    /// Waits, each for at most `limit`, until TLS comes about where it is spoken, and HTTP/2 where that is.
    pub(crate) fn greets(&self, limit: Duration) -> io::Result<()> {
        match self.http(limit)? {
            Http::One => Ok(()),
            Http::Two => {
                let secure = self.secure()?.map(|secure| secure.offering(&[Http::Two]));
                greets(self.address, secure.as_ref(), limit)
            }
        }
    }

    /// What a reader of the results has to know, where it is not HTTP/1.1 without TLS that was spoken.
    pub fn note(&self) -> Option<String> {
        let version = match self.speech.chosen()? {
            Http::Two => "HTTP/2",
            Http::One => "HTTP/1.1",
        };
        match self.speech.scheme {
            Scheme::Http => None,
            Scheme::H2c => Some(format!("the drill spoke {version} without TLS with the service")),
            Scheme::Https => Some(format!(
                "the drill spoke {version} over TLS with the service, as it chose; {}",
                if self.checks() {
                    "its certificate was checked against those that this machine trusts"
                } else {
                    "its certificate was not checked, as it is on this machine"
                }
            )),
        }
    }
}

impl fmt::Display for Door<'_> {
    /// As `--target` takes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.speech.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::H2c => "h2c",
        };
        write!(formatter, "{scheme}://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_how_and_where_and_nothing_else() {
        for (url, shown, authority) in [
            ("http://127.0.0.1:80", "http://127.0.0.1:80", "127.0.0.1:80"),
            ("https://127.0.0.1:8443/", "https://127.0.0.1:8443", "127.0.0.1:8443"),
            ("https://[::1]", "https://[::1]:443", "[::1]:443"),
            ("H2C://localhost:81", "h2c://localhost:81", "localhost:81"),
        ] {
            let (speech, address) = Speech::running(url).unwrap();
            let door = speech.at(address);
            assert_eq!((door.to_string().as_str(), door.authority().as_str()), (shown, authority));
            assert!(address.ip().is_loopback() && !door.checks(), "{url}");
        }
        for url in [
            "ftp://127.0.0.1:1",
            "https://",
            "https://a b:1",
            "https://me@localhost:1",
            "https://127.0.0.1:1/x",
            "https://127.0.0.1:99999",
            "https://127.0.0.1:0",
            "https://127.0.0.1:+9",
            "https://127.0.0.1:",
            "https://127.0.0.1:{port}",
            "https://[::1:1",
        ] {
            assert!(Speech::running(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_declared_url_leaves_the_port_to_the_drill() {
        let door = Speech::declared("https://localhost:{port}").unwrap();
        assert_eq!(door.at(([127, 0, 0, 1], 9).into()).to_string(), "https://localhost:9");
        assert_eq!(Speech::declared("https://localhost:8443"), None);
        assert_eq!(Speech::declared("localhost:{port}"), None);
        assert_eq!(Speech::declared("HTTP://127.0.0.1:{port}"), Some(Speech::default()));
        let door = Speech::declared("h2c://[::1]:{port}").unwrap();
        let address = SocketAddr::new(door.loopback(), 9);
        assert_eq!(door.at(address).to_string(), "h2c://[::1]:9");
    }

    #[test]
    fn certificates_are_checked_of_what_is_not_on_this_machine() {
        let speech = Speech::declared("https://shop.example:{port}").unwrap();
        let target = |ip: [u8; 4]| {
            let door = speech.at((ip, 443).into());
            // Nobody is asked which version it speaks.
            let _known = speech.found.http.set(Http::Two);
            (door.target().tls.unwrap().trusted, door.note().unwrap())
        };
        let (trusted, note) = target([192, 0, 2, 1]);
        assert_eq!(trusted, Trusted::Machine);
        assert!(note.contains("HTTP/2 over TLS") && note.contains("was checked against"), "{note}");
        let (trusted, note) = target([127, 0, 0, 1]);
        assert_eq!(trusted, Trusted::Anybody);
        assert!(note.contains("was not checked"), "{note}");
        assert_eq!(Speech::default().at(([127, 0, 0, 1], 1).into()).note(), None);
    }
}

//! A service that runs already, as `--target` names it.

use std::net::SocketAddr;

use drills::Speech;

/// A service that runs already.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it is.
    pub address: SocketAddr,
    /// How it is spoken to; `None`: as gonogo.yaml says.
    pub speech: Option<Speech>,
}

/// The running service that is given with `--target`: `127.0.0.1:8080`, `https://localhost:8443`. An error says nothing of what stands before
/// an `@`, which may be a password.
pub fn target(text: &str) -> Result<Target, String> {
    if text.contains('@') {
        return Err("it holds a name or a password before an `@`: give only where the service is, and let `identities:` in gonogo.yaml say with which headers requests are sent".to_owned());
    }
    if text.contains("://") {
        let (speech, address) = Speech::running(text)?;
        return Ok(Target { address, speech: Some(speech) });
    }
    let has_port = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if !has_port {
        return Err(format!("`{text}` is no address: give it as HOST:PORT, or as a URL"));
    }
    let (_, address) = Speech::running(&format!("http://{text}"))?;
    Ok(Target { address, speech: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_service_is_spoken_to_as_its_url_says_and_without_one_as_gonogo_yaml_says() {
        let address = SocketAddr::from(([127, 0, 0, 1], 8443));
        for text in ["127.0.0.1:8443", "[::1]:8443"] {
            assert!(target(text).unwrap().speech.is_none(), "{text}");
        }
        for text in ["h2c://127.0.0.1:8443", "H2C://127.0.0.1:8443"] {
            let named = target(text).unwrap();
            let shown = named.speech.unwrap().at(named.address).to_string();
            assert_eq!((named.address, shown.as_str()), (address, "h2c://127.0.0.1:8443"));
        }
    }

    #[test]
    fn what_is_no_place_of_a_service_is_refused() {
        for text in [
            "8443",
            "localhost",
            "127.0.0.1",
            "127.0.0.1:0",
            "127.0.0.1:+9",
            "http://127.0.0.1:0",
            "http://127.0.0.1:+9",
            "https://127.0.0.1:8443/orders",
            "https://127.0.0.1:8443?x",
        ] {
            let error = target(text).unwrap_err();
            assert!(error.contains("address") || error.contains("port"), "{text}: {error}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_told() {
        for text in ["http://me:s3cret@127.0.0.1:80", "me:s3cret@127.0.0.1:80", "s3cret@x"] {
            let error = target(text).unwrap_err();
            assert!(!error.contains("s3cret") && error.contains("password"), "{error}");
        }
    }
}

//! The official images of Docker Hub: the only ones that are pulled by a name without a namespace.

/// Programs among them that no other list here knows; languages and systems are left out, since
/// teams run their own code upon those.
const OFFICIAL: &[&str] = &[
    "aerospike",
    "api-firewall",
    "arangodb",
    "backdrop",
    "bonita",
    "chronograf",
    "convertigo",
    "crate",
    "drupal",
    "eclipse-mosquitto",
    "eggdrop",
    "express-gateway",
    "flink",
    "friendica",
    "geonetwork",
    "ghost",
    "hello-world",
    "irssi",
    "joomla",
    "kapacitor",
    "krakend",
    "lightstreamer",
    "liquibase",
    "matomo",
    "mediawiki",
    "monica",
    "nextcloud",
    "nuxeo",
    "odoo",
    "orientdb",
    "phpmyadmin",
    "plone",
    "postfixadmin",
    "redmine",
    "satosa",
    "silverpeas",
    "sonarqube",
    "spark",
    "storm",
    "teamspeak",
    "wordpress",
    "xwiki",
    "yourls",
    "znc",
];

/// Whether a name is that of an official image which is a whole program.
pub(super) fn is_official(name: &str) -> bool {
    OFFICIAL.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn official_images_are_found_by_halving() {
        assert!(OFFICIAL.is_sorted());
        assert!(is_official("ghost") && !is_official("checkout"));
    }
}

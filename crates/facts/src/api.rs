//! What the service offers: OpenAPI descriptions.

use model::{Place, Placed};

/// One OpenAPI (or Swagger) description.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// The file, at its first key.
    pub place: Place,
    /// `openapi:` or `swagger:` version.
    pub version: Placed<String>,
    /// `info.title`.
    pub title: Option<Placed<String>>,
    /// Server addresses.
    pub servers: Vec<Placed<String>>,
    /// Names of the declared security schemes.
    pub security_schemes: Vec<Placed<String>>,
    /// Whether a security requirement holds for the whole description.
    pub has_global_security: bool,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// One operation of an [`Api`].
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// `GET`, `POST` …
    pub method: String,
    /// Path with its placeholders.
    pub path: String,
    /// Where it is written.
    pub place: Place,
    /// `operationId`.
    pub id: Option<String>,
    /// Own `security`: `None` inherits, `Some(false)` is `security: []` (anonymous), `Some(true)` names schemes.
    pub security: Option<bool>,
    /// Names of the query parameters.
    pub query: Vec<String>,
    /// Status codes (or `default`) that it describes.
    pub responses: Vec<String>,
    /// Whether its success answer is a list.
    pub answers_list: bool,
}

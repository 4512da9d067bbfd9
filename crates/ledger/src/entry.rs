//! One entry of the ledger: an in-toto Statement with its place in the chain.

use jiff::Timestamp;
use model::{Decision, Evidence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The `_type` of every entry.
pub(crate) const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Always `https://in-toto.io/Statement/v1`.
    #[serde(rename = "_type")]
    pub statement: String,
    /// What it is about: the service.
    pub subject: Vec<Subject>,
    /// What is said of it.
    #[serde(flatten)]
    pub record: Record,
    /// Its number in the chain, from 1; entries made on different branches may share one.
    pub sequence: u64,
    /// Hash of the entry before, `None` for the first.
    pub previous: Option<String>,
    /// Hashes of the other ends of the chain that a merge of branches left, and that it ties in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<String>,
    /// `sha256:` and the digest of the entry's canonical JSON without this member.
    pub hash: String,
}

/// The service that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Digests that identify what was looked at.
    pub digest: SubjectDigest,
}

/// Digests that identify what was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectDigest {
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "predicateType", content = "predicate")]
pub enum Record {
    /// A dated result.
    #[serde(rename = "urn:gonogo:evidence:v1")]
    Evidence(Box<Evidence>),
    /// What a person decided.
    #[serde(rename = "urn:gonogo:decision:v1")]
    Decision(Box<Decision>),
}

impl Record {
    /// When it was recorded.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Evidence(evidence) => evidence.at,
            Self::Decision(decision) => decision.at,
        }
    }
}

impl Entry {
    /// The hash that the entry has to bear.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        if let Some(members) = value.as_object_mut() {
            members.remove("hash");
        }
        Ok(digest(&canonical(&value)))
    }
}

/// `sha256:` and the digest of `text`.
pub fn digest(text: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
}

/// JSON without white space and with the members of each object sorted by name, as RFC 8785 asks
/// for values without fractions.
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            let members: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}

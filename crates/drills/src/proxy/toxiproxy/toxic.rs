//! Toxics: their attributes, and the rules that they become.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::proxies::ApiError;
use crate::proxy::{Direction, Fault, Release, Rule};

/// A toxic of a proxy.
#[derive(Clone, Debug)]
pub(super) struct Toxic {
    pub(super) name: String,
    kind: &'static Kind,
    pub(super) direction: Direction,
    toxicity: f64,
    /// Values in the order of the kind's attributes.
    values: Vec<i64>,
}

/// A type of toxics.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    attributes: &'static [&'static str],
}

static KINDS: [Kind; 8] = [
    Kind { name: "latency", attributes: &["latency", "jitter"] },
    Kind { name: "bandwidth", attributes: &["rate"] },
    Kind { name: "slow_close", attributes: &["delay"] },
    Kind { name: "timeout", attributes: &["timeout"] },
    Kind { name: "reset_peer", attributes: &["timeout"] },
    Kind { name: "slicer", attributes: &["average_size", "size_variation", "delay"] },
    Kind { name: "limit_data", attributes: &["bytes"] },
    Kind { name: "noop", attributes: &[] },
];

/// What a client sends to create or change a toxic.
#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    stream: Option<String>,
    #[serde(default)]
    toxicity: Option<f64>,
    #[serde(default)]
    attributes: Option<Map<String, Value>>,
}

impl Toxic {
    /// Reads what a client wants to be created.
    pub(super) fn create(body: &[u8]) -> Result<Self, ApiError> {
        let wanted: Wanted = super::routes::json(body)?;
        let stream = wanted.stream.unwrap_or_else(|| "downstream".to_owned());
        let direction = match stream.to_ascii_lowercase().as_str() {
            "upstream" => Direction::Upstream,
            "downstream" => Direction::Downstream,
            _ => {
                return Err(ApiError::new(
                    400,
                    "stream was invalid, can be either upstream or downstream",
                ));
            }
        };
        let kind = wanted.kind.unwrap_or_default();
        let Some(kind) = KINDS.iter().find(|known| known.name == kind) else {
            return Err(ApiError::new(400, "invalid toxic type"));
        };
        let name = wanted.name.filter(|name| !name.is_empty());
        let mut toxic = Self {
            name: name.unwrap_or_else(|| format!("{}_{stream}", kind.name)),
            kind,
            direction,
            toxicity: 1.0,
            values: vec![0; kind.attributes.len()],
        };
        toxic.change(wanted.toxicity, wanted.attributes.as_ref())?;
        Ok(toxic)
    }

    /// The toxic as a client wants it from now on: only toxicity and attributes change.
    pub(super) fn changed(&self, body: &[u8]) -> Result<Self, ApiError> {
        let wanted: Wanted = super::routes::json(body)?;
        let mut toxic = self.clone();
        toxic.change(wanted.toxicity, wanted.attributes.as_ref())?;
        Ok(toxic)
    }

    fn change(
        &mut self,
        toxicity: Option<f64>,
        attributes: Option<&Map<String, Value>>,
    ) -> Result<(), ApiError> {
        if let Some(toxicity) = toxicity {
            if !(0.0..=1.0).contains(&toxicity) {
                return Err(ApiError::bad_body(&format!("toxicity {toxicity} is not from 0 to 1")));
            }
            self.toxicity = toxicity;
        }
        for (name, value) in attributes.into_iter().flatten() {
            let kind = self.kind;
            let index = kind.attributes.iter().position(|known| known == name);
            let Some(slot) = index.and_then(|index| self.values.get_mut(index)) else {
                let text = format!("toxic {} has no attribute \"{name}\"", kind.name);
                return Err(ApiError::bad_body(&text));
            };
            match value.as_i64() {
                Some(number) if number >= 0 => *slot = number,
                _ if value.is_null() => {}
                _ => {
                    let text =
                        format!("attribute \"{name}\" is {value}, not a whole number from 0 on");
                    return Err(ApiError::bad_body(&text));
                }
            }
        }
        Ok(())
    }

    fn value(&self, index: usize) -> u64 {
        self.values.get(index).map_or(0, |value| value.unsigned_abs())
    }

    /// The rule that it becomes; `None`: it changes nothing.
    pub(super) fn rule(&self) -> Option<Rule> {
        let ms = |index| Duration::from_millis(self.value(index));
        let bytes = |index| usize::try_from(self.value(index)).unwrap_or(usize::MAX);
        let fault = match self.kind.name {
            "latency" => Fault::Latency { delay: ms(0), jitter: ms(1) },
            // As in Toxiproxy a kilobyte is 1,000 bytes, and a rate of 0 is no limit.
            "bandwidth" if self.value(0) > 0 => {
                Fault::Bandwidth { bytes_per_s: self.value(0).saturating_mul(1_000) }
            }
            "slow_close" => Fault::SlowClose { delay: ms(0) },
            "timeout" => Fault::BlackHole {
                close_after: (self.value(0) > 0).then(|| ms(0)),
                release: Release::Close,
            },
            "reset_peer" => Fault::Reset { after: ms(0) },
            "slicer" if self.value(0) > 0 => Fault::Slice {
                bytes: bytes(0),
                variation: bytes(1),
                pause: Duration::from_micros(self.value(2)),
            },
            "limit_data" => Fault::Limit { bytes: self.value(0) },
            _ => return None,
        };
        Some(Rule::new(&*self.name, fault).direction(self.direction).toxicity(self.toxicity))
    }

    pub(super) fn json(&self) -> Value {
        let attributes: Map<String, Value> = self
            .kind
            .attributes
            .iter()
            .zip(&self.values)
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let stream = match self.direction {
            Direction::Upstream => "upstream",
            Direction::Downstream => "downstream",
        };
        let toxicity = if self.toxicity.fract() == 0.0 {
            json!(i64::from(self.toxicity > 0.5))
        } else {
            json!(self.toxicity)
        };
        json!({
            "attributes": attributes,
            "name": self.name,
            "type": self.kind.name,
            "stream": stream,
            "toxicity": toxicity,
        })
    }
}

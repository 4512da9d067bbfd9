//! Canaries in a body of JSON.

use serde_json::Value;

use super::{FIELDS, in_turn};
use crate::Journey;
use crate::telemetry::canary::{Canaries, Secret};

/// The most canaries in the nested parts of one body.
const MOST_NESTED: usize = 40;
/// What stands for a template while the body is read: a number of these digits, and its own behind.
const MARK: &str = "8100000000";

/// The body with further fields, the same cut off, with further parts within its lists and objects, and with its own texts replaced.
pub(super) fn bodies(canaries: &mut Canaries, journey: &Journey) -> Vec<String> {
    let body = journey.request.body.trim_start();
    let mut all = Vec::new();
    if let Some(rest) = body.strip_prefix('{') {
        let pairs = pairs(canaries, journey, "the body's field");
        let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
        all.push(format!("{{{pairs}{comma}{rest}"));
    }
    // Those who log what they cannot read log its secrets.
    let open = if body.starts_with('[') { "[{" } else { "{" };
    all.push(format!("{open}{},", pairs(canaries, journey, "the broken body's field")));
    let Some(read) = Body::read(body) else { return all };
    let mut grown = read.clone();
    let mut count = 0;
    grow(&mut grown.value, ("", true), &mut |what, secret| {
        count += 1;
        let place = format!("{what} in the body of `{}`", journey.name);
        let secret = secret.unwrap_or(in_turn(count - 1));
        (count <= MOST_NESTED).then(|| canaries.plant(secret, &place))
    });
    all.extend((count > 0).then(|| grown.written()));
    all.extend(texts(canaries, journey, read));
    all
}

fn pairs(canaries: &mut Canaries, journey: &Journey, what: &str) -> String {
    let pairs = FIELDS.map(|(name, secret)| {
        let place = format!("{what} `{name}` of `{}`", journey.name);
        format!("\"{name}\":{}", Value::from(canaries.plant(secret, &place)))
    });
    pairs.join(",")
}

/// Every text of the body replaced by a canary: what the service does take may be logged where unknown fields are not.
fn texts(canaries: &mut Canaries, journey: &Journey, mut body: Body) -> Option<String> {
    let mut count = 0;
    replace(&mut body.value, "", &mut |name, text| {
        if text.contains(MARK) || text.contains('{') {
            return;
        }
        count += 1;
        let place = format!("the body's own field `{name}` of `{}`", journey.name);
        *text = canaries.plant(in_turn(count - 1), &place);
    });
    (count > 0).then(|| body.written())
}

fn replace(value: &mut Value, name: &str, change: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => change(name, text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, change)),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                replace(value, name, change);
            }
        }
        _ => {}
    }
}

/// Gives a canary for what it is told, of a kind or of any.
type Give<'a> = &'a mut dyn FnMut(&str, Option<Secret>) -> Option<String>;

/// One more element in each list, and further fields in each object but for the outermost.
fn grow(value: &mut Value, (name, is_outermost): (&str, bool), give: Give<'_>) {
    match value {
        Value::Array(items) => {
            for item in items.iter_mut() {
                grow(item, (name, false), give);
            }
            let canary = give(&format!("an element of the list `{name}`"), None);
            items.extend(canary.map(Value::from));
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                grow(value, (name, false), give);
            }
            for (field, secret) in FIELDS.iter().filter(|_| !is_outermost) {
                if !fields.contains_key(*field)
                    && let Some(canary) = give(&format!("`{field}` within `{name}`"), Some(*secret))
                {
                    fields.insert((*field).to_owned(), canary.into());
                }
            }
        }
        _ => {}
    }
}

/// A body and the templates in it, which need not be JSON.
#[derive(Clone)]
struct Body {
    value: Value,
    templates: Vec<String>,
}

impl Body {
    fn read(text: &str) -> Option<Self> {
        let (mut masked, mut templates) = (String::new(), Vec::new());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, after) = rest.split_at(at);
            let length = template(after);
            let before = match (before.strip_suffix('$'), length) {
                (Some(bare), Some(_)) => bare,
                _ => before,
            };
            masked.push_str(before);
            let taken = at + length.unwrap_or(1);
            if length.is_some() {
                masked.push_str(&mark(templates.len()));
                templates.push(rest.get(before.len()..taken)?.to_owned());
            } else {
                masked.push('{');
            }
            rest = rest.get(taken..)?;
        }
        masked.push_str(rest);
        Some(Self { value: serde_json::from_str(&masked).ok()?, templates })
    }

    fn written(&self) -> String {
        let text = self.value.to_string();
        let templates = self.templates.iter().enumerate();
        templates.fold(text, |text, (index, template)| text.replace(&mark(index), template))
    }
}

fn mark(index: usize) -> String {
    format!("{MARK}{index:06}")
}

/// The length of the template that `text` begins with: a name in braces, which no JSON has.
fn template(text: &str) -> Option<usize> {
    let name = text.strip_prefix('{')?;
    let end = name.find('}')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_:.-".contains(c);
    (end > 0 && name.get(..end)?.chars().all(is_name)).then_some(end + 2)
}

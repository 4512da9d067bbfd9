//! Canaries in pairs of names and values: forms, queries, and forms in several parts.

use super::{FIELDS, in_turn};
use crate::Journey;
use crate::telemetry::canary::{Canaries, percent_all};

/// Further pairs, and such of them that stand within another, as Rails and PHP read them.
pub(super) fn further(canaries: &mut Canaries, journey: &Journey, what: &str) -> String {
    let nested = FIELDS.map(|(name, secret)| (format!("user[{name}]"), secret));
    let all = FIELDS.map(|(name, secret)| (name.to_owned(), secret)).into_iter().chain(nested);
    let pairs = all.map(|(name, secret)| {
        let place = format!("{what} `{name}` of `{}`", journey.name);
        format!("{}={}", percent_all(&name), percent_all(&canaries.plant(secret, &place)))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// `pairs` with the value of each name that `other` gives another of; templates stay.
pub(super) fn replaced(pairs: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let pairs = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if !value.contains('{') => match other(name) {
            Some(other) => format!("{name}={}", percent_all(&other)),
            None => pair.to_owned(),
        },
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A form with further fields, and one with its own replaced.
pub(super) fn bodies(canaries: &mut Canaries, journey: &Journey) -> Vec<String> {
    let own = journey.request.body.trim_end();
    let further = further(canaries, journey, "the form field");
    let extended = if own.is_empty() { further } else { format!("{own}&{further}") };
    let mut count = 0;
    let replaced = replaced(own, |name| {
        count += 1;
        let place = format!("the form's own field `{name}` of `{}`", journey.name);
        Some(canaries.plant(in_turn(count - 1), &place))
    });
    let mut bodies = vec![extended];
    bodies.extend((count > 0).then_some(replaced));
    bodies
}

/// A form in parts with further ones and a file, one that ends too early, and one with its own values replaced; none where it is no such form.
pub(super) fn multipart(canaries: &mut Canaries, journey: &Journey, kind: &str) -> Vec<String> {
    let body = journey.request.body.as_str();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let Some(boundary) = boundary.map(|text| text.trim_matches('"')) else { return Vec::new() };
    let delimiter = format!("--{boundary}");
    let Some((before, rest)) = body.split_once(&delimiter) else { return Vec::new() };
    let end = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let mut further = |what: &str| {
        let mut parts: Vec<_> = FIELDS
            .iter()
            .map(|(name, secret)| {
                let place = format!("the {what} `{name}` of `{}`", journey.name);
                let value = canaries.plant(*secret, &place);
                let head = format!("content-disposition: form-data; name=\"{name}\"");
                format!("{delimiter}{end}{head}{end}{end}{value}{end}")
            })
            .collect();
        let mut place = |index: usize, of: &str| {
            let place = format!("{of} of the {what} `file` of `{}`", journey.name);
            canaries.plant(FIELDS[index].1, &place)
        };
        let (name, content) = (place(0, "the name"), place(1, "the content"));
        let head = format!("content-disposition: form-data; name=\"file\"; filename=\"{name}\"");
        let head = format!("{head}{end}content-type: text/plain");
        parts.push(format!("{delimiter}{end}{head}{end}{end}{content}{end}"));
        parts.concat()
    };
    let mut bodies = vec![
        format!("{before}{}{delimiter}{rest}", further("part")),
        format!("{before}{}{delimiter}{end}", further("broken body's part")),
    ];
    bodies.extend(own_parts(canaries, journey, (&delimiter, end)));
    bodies
}

fn own_parts(
    canaries: &mut Canaries,
    journey: &Journey,
    (delimiter, end): (&str, &str),
) -> Option<String> {
    let blank = format!("{end}{end}");
    let mut count = 0;
    let parts = journey.request.body.split(delimiter).map(|part| {
        let Some((head, value)) = part.split_once(&blank) else { return part.to_owned() };
        if value.contains('{') {
            return part.to_owned();
        }
        let name = head.split("name=\"").nth(1).and_then(|rest| rest.split('"').next());
        let place =
            format!("the body's own part `{}` of `{}`", name.unwrap_or_default(), journey.name);
        count += 1;
        format!("{head}{blank}{}{end}", canaries.plant(in_turn(count - 1), &place))
    });
    let body = parts.collect::<Vec<_>>().join(delimiter);
    (count > 0).then_some(body)
}

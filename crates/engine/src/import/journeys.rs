//! Which journey of gonogo.yaml a request of another tool was of.

use drills::Journey;
use facts::imported::Tags;

/// The journey of `journeys` that `tags` name, or whose request they describe.
pub(super) fn of_tags(journeys: &[Journey], tags: &Tags<'_>) -> Option<usize> {
    let group = tags.group.rsplit("::").next().unwrap_or_default();
    [&*tags.journey, &*tags.name, &*tags.scenario, group]
        .into_iter()
        .filter(|tag| !tag.is_empty())
        .find_map(|tag| journeys.iter().position(|journey| journey.name == tag))
        .or_else(|| {
            let url = if tags.url.is_empty() { &*tags.name } else { &*tags.url };
            of_request(journeys, &tags.method, url)
        })
}

/// The journey whose request has this method and a path that fits: of several the one with the most words of its own.
pub(super) fn of_request(journeys: &[Journey], method: &str, url: &str) -> Option<usize> {
    let path = path_of(url)?;
    let fitting = journeys.iter().enumerate().filter_map(|(index, journey)| {
        let is_method = journey.request.method.eq_ignore_ascii_case(method);
        let words = is_method.then(|| fits(&journey.request.path, path)).flatten()?;
        Some((words, index))
    });
    // Of two that fit as well, neither is meant more than the other.
    let mut best: Vec<_> = fitting.collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    match best.as_slice() {
        [one, other, ..] if one.0 == other.0 => None,
        [one, ..] => Some(one.1),
        [] => None,
    }
}

/// The path of a URL, without its query.
pub(super) fn path_of(url: &str) -> Option<&str> {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => url,
    };
    let path = rest.split(['?', '#']).next()?;
    path.starts_with('/').then_some(path)
}

/// How many words of `template` stand in `path` as they are, where all of it fits: `{id}` stands for one segment.
fn fits(template: &str, path: &str) -> Option<usize> {
    let template = template.split(['?', '#']).next()?;
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    let mut words = 0;
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return Some(words),
            (Some(wanted), Some(found)) if wanted == found => words += 1,
            (Some(wanted), Some(found)) if wanted.contains('{') && !found.is_empty() => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use drills::Request;

    use super::*;

    fn journeys() -> Vec<Journey> {
        let of = |name: &str, method: &str, path: &str| Journey {
            name: name.into(),
            request: Request { method: method.into(), path: path.into(), ..Request::default() },
            ..Journey::default()
        };
        vec![
            of("place", "POST", "/orders"),
            of("read", "GET", "/orders/{id}"),
            of("list", "GET", "/orders?limit=20"),
            of("recent", "GET", "/orders/recent"),
        ]
    }

    #[test]
    fn a_request_is_of_the_journey_that_fits_best() {
        let journeys = journeys();
        let of = |method, url| of_request(&journeys, method, url);
        assert_eq!(of("post", "http://shop.example:8080/orders"), Some(0));
        assert_eq!(of("GET", "http://shop.example/orders/17?x=1"), Some(1));
        assert_eq!(of("GET", "/orders?limit=5"), Some(2));
        assert_eq!(of("GET", "https://shop.example/orders/recent#top"), Some(3));
        for (method, url) in
            [("GET", "http://shop.example"), ("GET", "/orders/"), ("PUT", "/orders"), ("GET", "é")]
        {
            assert_eq!(of(method, url), None, "{method} {url}");
        }
    }

    #[test]
    fn of_two_journeys_with_the_same_request_neither_is_meant() {
        let mut journeys = journeys();
        journeys.push(Journey { name: "again".into(), ..journeys[0].clone() });
        assert_eq!(of_request(&journeys, "POST", "/orders"), None);
        let tags = Tags { name: "again".into(), ..Tags::default() };
        assert_eq!(of_tags(&journeys, &tags), Some(4));
    }

    #[test]
    fn a_tag_that_names_a_journey_counts_before_its_request() {
        let journeys = journeys();
        let tags = Tags {
            group: "::shop::list".into(),
            method: "POST".into(),
            url: "/orders".into(),
            ..Tags::default()
        };
        assert_eq!(of_tags(&journeys, &tags), Some(2));
        let tags = Tags { method: "POST".into(), url: "/orders".into(), ..Tags::default() };
        assert_eq!(of_tags(&journeys, &tags), Some(0));
    }
}

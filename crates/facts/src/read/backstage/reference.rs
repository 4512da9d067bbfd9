//! References to entities: `[kind:][namespace/]name`.

use super::rules;

/// What a reference names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference<'t> {
    pub(super) kind: Option<&'t str>,
    pub(super) namespace: Option<&'t str>,
    pub(super) name: &'t str,
}

/// The parts of a reference; none if one of them is empty or no name.
///
/// A colon behind the slash belongs to the name.
pub(super) fn parse(text: &str) -> Option<Reference<'_>> {
    let (kind, rest) = match text.split_once(':') {
        Some((kind, rest)) if !kind.contains('/') => (Some(kind), rest),
        _ => (None, text),
    };
    let (namespace, name) = match rest.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, rest),
    };
    let is_kind = kind.is_none_or(|kind| {
        !kind.is_empty() && kind.chars().all(|letter| letter.is_ascii_alphanumeric())
    });
    let is_namespace = namespace.is_none_or(rules::is_name);
    (is_kind && is_namespace && rules::is_name(name)).then_some(Reference { kind, namespace, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_kind_namespace_and_name() {
        let parts = |text| parse(text).map(|r| (r.kind, r.namespace, r.name));
        assert_eq!(parts("payments"), Some((None, None, "payments")));
        assert_eq!(parts("group:payments"), Some((Some("group"), None, "payments")));
        assert_eq!(
            parts("group:default/pay.ments"),
            Some((Some("group"), Some("default"), "pay.ments"))
        );
        assert_eq!(parts("redhat/devs"), Some((None, Some("redhat"), "devs")));
    }

    #[test]
    fn what_has_empty_parts_or_blanks_is_no_reference() {
        for text in
            ["", ":", "group:", ":a", "/a", "a/", "group:/a", "my team", "a@b.c", "@org/team"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

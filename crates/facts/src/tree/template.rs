//! Tells unrendered templates, such as those of Helm charts, from YAML.
//!
//! A template is not YAML, yet many parse, and then hold values nobody ever deploys. Others'
//! templates inside strings are no reason to doubt the file: `${{ … }}` of GitHub,
//! `{{ $labels.pod }}` of Prometheus in a quoted or block text.

/// The line of the first action that shows `text` to be an unrendered template.
///
/// A heuristic over lines. An action (`{{` or Jinja's `{%`) counts where YAML would have a node
/// begin: first on a line, after `- ` or after `key: `. Anywhere but in comments and block
/// scalars one counts that only Helm understands: `{{ .Values.…`, `.Release.`, `.Chart.`,
/// `.Capabilities.`, `.Files.`, `.Template.`, and `include "…`. Texts that merely go on over
/// several lines are passed over.
pub fn is_templated(text: &str) -> Option<u32> {
    first_action(text, |action| action != Action::Nothing)
}

/// The line of the first action that stands where YAML would have a node begin: such a text is no
/// YAML, whereas values for a chart may hold Helm's own actions in quotes.
pub fn is_templated_outside_of_quotes(text: &str) -> Option<u32> {
    first_action(text, |action| action == Action::Node)
}

/// What shows on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Nothing,
    /// Something that only Helm understands, wherever it stands.
    OfHelm,
    /// An action in place of a node.
    Node,
}

fn first_action(text: &str, is_wanted: impl Fn(Action) -> bool) -> Option<u32> {
    let holds = |sign: &[u8]| memchr::memmem::find(text.as_bytes(), sign).is_some();
    if !holds(b"{{") && !holds(b"{%") {
        return None;
    }
    let mut within = Within::Nothing;
    let at = text.lines().position(|line| {
        let (action, next) = read_line(line, within);
        within = next;
        is_wanted(action)
    })?;
    u32::try_from(at + 1).ok()
}

/// What goes on from the line before; the numbers are the columns of the owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Nothing,
    Block(usize),
    Quote(char),
    Plain(usize),
}

/// Which action shows on the line, and what goes on after it.
fn read_line(line: &str, within: Within) -> (Action, Within) {
    let content = line.trim();
    if content.is_empty() {
        return (Action::Nothing, within);
    }
    let column = line.len() - line.trim_start().len();
    match within {
        Within::Block(owner) if column > owner => return (Action::Nothing, within),
        Within::Quote(quote) => {
            let next = closing(content, quote).map_or(within, |_| Within::Nothing);
            return (of_helm(content), next);
        }
        _ => {}
    }
    if content.starts_with('#') || content == "---" {
        return (Action::Nothing, Within::Nothing);
    }
    let (content, column, owner) = past_dashes(content, column);
    let goes_on = matches!(within, Within::Plain(owner) if column > owner);
    if goes_on {
        return (of_helm(content), within);
    }
    let (value, owner) = match past_key(content) {
        Some(value) => (value, column),
        None => (content, owner),
    };
    let is_node = begins_action(content) || begins_action(value);
    let action = if is_node { Action::Node } else { of_helm(content) };
    (action, after(value, owner))
}

/// What `value`, which belongs to something in column `owner`, leaves open.
fn after(value: &str, owner: usize) -> Within {
    match value.chars().next() {
        None | Some('#' | '[' | '{') => Within::Nothing,
        Some('|' | '>') if is_block_header(value) => Within::Block(owner),
        Some(quote @ ('"' | '\'')) => match closing(value.get(1..).unwrap_or_default(), quote) {
            Some(_) => Within::Nothing,
            None => Within::Quote(quote),
        },
        Some(_) => Within::Plain(owner),
    }
}

/// The content behind the dashes of a sequence, its column, and that of the last dash.
fn past_dashes(content: &str, column: usize) -> (&str, usize, usize) {
    let (mut rest, mut dash) = (content, column);
    while let Some(inner) = rest.strip_prefix("- ").or_else(|| rest.strip_prefix("--- ")) {
        dash = column + (content.len() - rest.len());
        rest = inner.trim_start();
    }
    (rest, column + (content.len() - rest.len()), dash)
}

/// The value behind a key and its properties.
fn past_key(content: &str) -> Option<&str> {
    let after = match content.chars().next()? {
        quote @ ('"' | '\'') => {
            let inner = content.get(1..)?;
            inner.get(closing(inner, quote)? + 1..)?.trim_start().strip_prefix(':')?
        }
        _ => match content.split_once(": ") {
            Some((_, value)) => value,
            None => content.ends_with(':').then_some("")?,
        },
    };
    let mut value = after.trim_start();
    while value.starts_with(['&', '!']) {
        value = value.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    Some(value)
}

/// Where the quote that was opened before `text` is closed.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut rest = text.char_indices();
    while let Some((at, character)) = rest.next() {
        if character == '\\' && quote == '"' {
            rest.next();
        } else if character == quote {
            let is_doubled = quote == '\'' && rest.as_str().starts_with(quote);
            if !is_doubled {
                return Some(at);
            }
            rest.next();
        }
    }
    None
}

fn is_block_header(value: &str) -> bool {
    let header = value.split(" #").next().unwrap_or_default().trim_end();
    let signs = header.get(1..).unwrap_or_default();
    signs.len() <= 2 && signs.bytes().all(|sign| matches!(sign, b'+' | b'-' | b'1'..=b'9'))
}

fn begins_action(content: &str) -> bool {
    content.starts_with("{{") || content.starts_with("{%")
}

fn of_helm(content: &str) -> Action {
    let content = content.split(" #").next().unwrap_or_default();
    if content.split("{{").skip(1).any(is_helm) { Action::OfHelm } else { Action::Nothing }
}

/// Whether the inside of an action is something that only Helm understands.
fn is_helm(action: &str) -> bool {
    let inside = action.trim_start_matches(['-', ' ', '(', '$']);
    let objects = [".Values.", ".Release.", ".Chart.", ".Capabilities.", ".Files.", ".Template."];
    objects.iter().any(|object| inside.starts_with(object)) || inside.starts_with("include \"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_where_a_node_would_begin_make_a_template() {
        let texts = [
            ("a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n", 2),
            ("{{ template \"x\" . }}", 1),
            ("metadata:\n  labels:\n    {{- include \"x.labels\" . | nindent 4 }}\n", 3),
            ("replicas: {{ .replicas }}\n", 1),
            ("- {{ .name }}\n", 1),
            ("- name: &a {{ toYaml .x }}\n", 1),
            ("\"a\": {{ .x }}\n", 1),
            ("{% if a %}\nb: 1\n", 1),
            ("text: |\n  {{ $x }}\n{{ end }}\n", 3),
            ("a: b\n{{ range .x }}\n", 2),
            ("spec:\n  image: {{image}}\n", 2),
            ("a: b\n---\n  - {{ x }}\n", 3),
            ("- a: b\n  {{ range .x }}\n", 2),
        ];
        for (text, line) in texts {
            assert_eq!(is_templated(text), Some(line), "{text}");
        }
    }

    #[test]
    fn actions_of_helm_make_a_template_inside_texts_too() {
        let texts = [
            ("image: \"{{ .Values.image }}\"\n", 1),
            ("image: repo/app:{{ .Values.tag }}\n", 1),
            ("a: '{{ $.Release.Name }}'\n", 1),
            ("a: \"x\n  {{ .Chart.Name }}\"\n", 2),
            ("a: x-{{ include \"x.name\" . }}\n", 1),
        ];
        for (text, line) in texts {
            assert_eq!(is_templated(text), Some(line), "{text}");
        }
    }

    #[test]
    fn values_for_a_chart_may_hold_its_actions_in_quotes() {
        let quoted = "host: \"{{ .Release.Name }}.example\"\n";
        assert_eq!(is_templated_outside_of_quotes(quoted), None);
        assert_eq!(is_templated_outside_of_quotes("host: {{ .Release.Name }}\n"), Some(1));
    }

    #[test]
    fn templates_of_others_inside_texts_leave_yaml_alone() {
        let texts = [
            "run: echo ${{ github.sha }}\n",
            "on: push\nname: ${{ x }}\n",
            "summary: \"{{ $labels.pod }} is down\"\n",
            "summary: 'it''s\n  {{ $value }}'\n",
            "summary: |\n  {{ $labels.pod }}\n\n  {{ if gt $value 1 }}x{{ end }}\nb: 1\n",
            "- summary: >-\n    {{ $labels.pod }}\n",
            "- |\n  {{ .Alerts }}\n",
            "summary: instance\n  {{ $labels.pod }} is down\n",
            "# {{ .Values.x }}\na: 1 # {{ .Values.y }}\n",
            "name: '{{ .ProjectName }}_{{ .Version }}'\n",
            "title: '{{ template \"slack.title\" . }}'\n",
            "a: {b: {c: 1}}\n",
            "ldflags: -X main.version={{.Version}} {{ .ReleaseURL }}\n",
            "\"a\\\"b\": \"{{ x }}\"\n",
        ];
        for text in texts {
            assert_eq!(is_templated(text), None, "{text}");
        }
    }
}

//! Manifests that say of themselves, in the comment above them or at the head of their file, that they
//! are for reading: nobody runs what `# Example Deployment` stands over.
//!
//! Only what a comment says of the object itself counts: that there is an example of something
//! elsewhere, or how a command is called for example, does not. A template may be filled in and run,
//! so a comment must say that it is one only.

use std::collections::BTreeMap;

use crate::tree::Node;

/// Words before the one that says what something is.
const BEFORE: &[&str] =
    &["a", "an", "complete", "full", "is", "minimal", "simple", "the", "these", "this", "are"];

/// What is there to be read.
const EXAMPLES: &[&str] = &["example", "examples", "illustrative", "sample"];

/// What a comment may call the object that it stands above, beside its kind.
const OBJECTS: &[&str] = &["manifest", "manifests", "resource", "resources"];

/// What follows where a way to use something is told, and not what it is.
const USES: &[&str] = &["command", "commands", "for", "from", "in", "of", "usage", "use", "see"];

/// How comments say that something is for reading only.
const READING: &[&str] = &[
    "as a reference implementation",
    "example only",
    "for illustration only",
    "for reference only",
    "illustration purposes only",
    "include these snippets",
    "is a reference implementation",
    "only an example",
    "or use as a reference",
];

/// How many words of a sentence say what it speaks of.
const SUBJECT: usize = 6;

/// The comments of a file that may say so.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Of objects, by the line that stands right below.
    above: BTreeMap<u32, Vec<String>>,
    /// The one at the head of the file, where something parts it from the first object.
    head: Vec<String>,
}

impl Comments {
    /// Those of `text`, sentence by sentence in lower case.
    pub(super) fn of(text: &str) -> Self {
        let mut comments = Self::default();
        if !text.starts_with('#') && !text.contains("\n#") {
            return comments;
        }
        let mut block: Vec<&str> = Vec::new();
        let mut is_head = true;
        for (line, number) in text.lines().zip(1..) {
            if let Some(comment) = line.strip_prefix('#') {
                block.push(comment);
                continue;
            }
            let parts = line.trim().is_empty() || line.starts_with("---");
            if !block.is_empty() {
                let said = sentences(&block);
                if !parts {
                    comments.above.insert(number, said);
                } else if is_head {
                    comments.head = said;
                }
                block.clear();
                is_head = false;
            }
            is_head &= parts;
        }
        comments
    }

    /// Whether the object at `root` is said to be for reading. A secret that was written into an
    /// example is written down all the same.
    pub(super) fn call_example(&self, root: &Node) -> bool {
        let Some(kind) = root.get("kind").and_then(Node::str) else { return false };
        let group = root.get("apiVersion").and_then(Node::str);
        let is_object = group.is_some_and(|group| !group.contains("backstage")) && kind != "Secret";
        let above = self.above.get(&root.place.line).into_iter().flatten();
        let mut said = above.chain(&self.head);
        is_object && said.any(|sentence| is_said(sentence, &kind.to_ascii_lowercase()))
    }
}

/// The sentences of a comment in lower case. A line begins one of its own after a full stop, a blank
/// line, or where it begins with a capital letter.
fn sentences(block: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in block {
        let line =
            line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '=' | '-' | '*'));
        let is_new = line.starts_with(|c: char| c.is_ascii_uppercase());
        for (index, part) in line.split(". ").enumerate() {
            let part = part.to_ascii_lowercase();
            match all.last_mut().filter(|_| is_open && !is_new && index == 0) {
                Some(last) => *last = format!("{last} {part}"),
                None => all.push(part),
            }
        }
        is_open = !line.is_empty() && !line.ends_with('.');
    }
    all
}

/// Whether a sentence says of an object of this kind that it is an example.
fn is_said(sentence: &str, kind: &str) -> bool {
    if READING.iter().any(|words| sentence.contains(words)) {
        return true;
    }
    let words = sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| BEFORE.contains(word));
    words.next().is_some_and(|word| EXAMPLES.contains(&word))
        && words.take(SUBJECT).take_while(|word| !USES.contains(word)).any(|word| {
            word == kind || word.strip_suffix('s') == Some(kind) || OBJECTS.contains(&word)
        })
}

#[cfg(test)]
mod tests {
    use crate::Facts;

    const OBJECT: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: till}\nspec: {containers: [{name: a, image: a}]}\n";

    fn read(text: &str) -> (usize, usize) {
        let facts: Facts = crate::read::read(&"k8s/till.yaml".into(), text.as_bytes());
        (facts.workloads.len(), facts.set_aside.len())
    }

    #[test]
    fn what_calls_itself_an_example_is_for_reading() {
        for comment in [
            "# Example Pod with all settings",
            "# This is an example manifest",
            "# -- A minimal example pod --",
            "# The till.\n# It serves as a reference implementation.",
            "# For reference only.",
        ] {
            assert_eq!(read(&format!("{comment}\n{OBJECT}")), (0, 1), "{comment}");
            assert_eq!(
                read(&format!("---\n{OBJECT}---\n{comment}\n{OBJECT}")),
                (1, 1),
                "{comment}"
            );
        }
    }

    #[test]
    fn the_head_of_a_file_speaks_of_all_in_it() {
        let head = "# Pods of tills.\n#\n# Usage: include these snippets in your own\n";
        assert_eq!(read(&format!("{head}\n---\n{OBJECT}---\n{OBJECT}")), (0, 2));
        assert_eq!(read(&format!("{head}{OBJECT}---\n{OBJECT}")), (1, 1));
        assert_eq!(read(&format!("{OBJECT}\n{head}---\n{OBJECT}")), (2, 0));
    }

    #[test]
    fn examples_elsewhere_and_templates_make_none() {
        for comment in [
            "# See the example in docs/till.md",
            "# Example: kubectl apply -f till.yaml",
            "# Example usage of this pod: kubectl apply -f till.yaml",
            "# Example of a call to the pod: curl till",
            "# For example, this pod may be scaled",
            "# Template of the pod, which the pipeline fills in",
            "# The pod follows the reference implementation of acme",
            "# Resources. The sample rate of the pod is set below",
            "# Pod\n# like the\n# example pod of acme",
        ] {
            assert_eq!(read(&format!("{comment}\n{OBJECT}")), (1, 0), "{comment}");
            assert_eq!(read(&format!("{comment}\n\n---\n{OBJECT}")), (1, 0), "{comment}");
        }
        let inner = OBJECT.replace("metadata", "# Example pod\nmetadata");
        assert_eq!(read(&inner), (1, 0));
    }

    #[test]
    fn a_secret_in_an_example_is_written_down() {
        let secret = "# Example Secret\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: v}\n";
        let facts = crate::read::read(&"k8s/a.yaml".into(), secret.as_bytes());
        assert_eq!(facts.cluster.secrets.len(), 1);
    }
}

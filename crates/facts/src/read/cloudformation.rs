//! Templates of `CloudFormation` and of the serverless model on top of it, by what stands in them: named, and not read.

use memchr::memmem;
use model::Place;

use super::Source;
use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// How far into a file its head is looked for, in bytes: it comes first, after a comment at most.
const HEAD: usize = 4096;

/// Says of a template that what it makes was not looked at.
pub(super) fn note(source: Source<'_>, facts: &mut Facts) {
    let text = source.text.as_bytes();
    let head = text.get(..HEAD).unwrap_or(text);
    let has = |text: &[u8], part: &str| memmem::find(text, part.as_bytes()).is_some();
    let is_template = (has(head, "AWSTemplateFormatVersion") || has(head, "Transform: AWS::"))
        && has(text, "Resources")
        && has(text, "AWS::");
    if is_template && !is_sample(source.path) {
        facts.set_aside.push(Reason {
            what: "what CloudFormation makes by this template was not looked at".to_owned(),
            place: Place::file(source.path.clone()),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::tree;

    #[test]
    fn a_template_is_known_by_its_content_under_any_name() {
        let made = "Resources:\n  Find:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: !Ref X}\n";
        let serverless = format!("Transform: AWS::Serverless-2016-10-31\n{made}");
        let plain = format!("AWSTemplateFormatVersion: '2010-09-09'\n{made}");
        let files = [
            ("template.yaml", serverless.as_str()),
            ("infra/stack.yml", plain.as_str()),
            ("docs/resources.yaml", made),
            ("examples/template.yaml", serverless.as_str()),
        ];
        let facts = tree(&files);
        let of_templates = |reason: &&crate::Reason| reason.what.contains("CloudFormation");
        let mut told: Vec<&str> =
            facts.set_aside.iter().filter(of_templates).map(|r| &*r.place.path).collect();
        told.sort_unstable();
        assert_eq!(told, ["infra/stack.yml", "template.yaml"]);
    }
}

//! Templates of `CloudFormation` and of the serverless model on top of it, by what stands in them: named, and not read.

use memchr::memmem;
use model::Place;

use super::Source;
use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// What a template of the serverless model is turned into a plain one by; in a list of several, too.
const SERVERLESS: &str = "AWS::Serverless-2016-10-31";

/// Says of a template that what it makes was not looked at.
pub(super) fn note(source: Source<'_>, facts: &mut Facts) {
    let text = source.text.as_bytes();
    let has = |part: &str| memmem::find(text, part.as_bytes()).is_some();
    // What hardly any other file has comes first: this is asked of every file.
    let is_template = has("AWS::")
        && has("Resources")
        && (has("AWSTemplateFormatVersion") || has("Transform") && has(SERVERLESS));
    if is_template && !is_sample(source.path) {
        facts.set_aside.push(Reason {
            what: "what CloudFormation makes by this template was not looked at".to_owned(),
            place: Place::file(source.path.clone()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::SERVERLESS;
    use crate::discover::tests::tree;

    #[test]
    fn a_template_is_known_by_its_content_under_any_name() {
        let made = "Resources:\n  Find:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: !Ref X}\n";
        let serverless = format!("Transform: AWS::Serverless-2016-10-31\n{made}");
        let plain = format!("AWSTemplateFormatVersion: '2010-09-09'\n{made}");
        let long = format!("{}{plain}", "# what this is for\n".repeat(400));
        let several = format!("Transform:\n  - AWS::LanguageExtensions\n  - {SERVERLESS}\n{made}");
        let json = r#"{"Resources": {"Find": {"Type": "AWS::S3::Bucket"}}, "AWSTemplateFormatVersion": "2010-09-09"}"#;
        let files = [
            ("template.yaml", serverless.as_str()),
            ("infra/stack.yml", plain.as_str()),
            ("infra/long.yml", long.as_str()),
            ("infra/several.yml", several.as_str()),
            ("infra/made.json", json),
            ("docs/resources.yaml", made),
            ("examples/template.yaml", serverless.as_str()),
        ];
        let facts = tree(&files);
        let of_templates = |reason: &&crate::Reason| reason.what.contains("CloudFormation");
        let mut told: Vec<&str> =
            facts.set_aside.iter().filter(of_templates).map(|r| &*r.place.path).collect();
        told.sort_unstable();
        assert_eq!(
            told,
            [
                "infra/long.yml",
                "infra/made.json",
                "infra/several.yml",
                "infra/stack.yml",
                "template.yaml"
            ]
        );
    }
}

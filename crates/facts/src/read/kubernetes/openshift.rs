//! Templates of `OpenShift`: objects with parameters.

use std::collections::HashMap;

use crate::Facts;
use crate::tree::{Node, Value};

use super::{field, kinds};

/// The kind of a template.
pub(super) const TEMPLATE: &str = "Template";

/// Bytes that parameters may bring in all; what stands beyond is left as it is written.
const MAX_FILLED: usize = 1 << 20;

/// Reads the objects of a template, its parameters filled in where they have a value.
///
/// A template inside a template is not looked into.
pub(super) fn read_template(template: &Node, facts: &mut Facts) {
    let mut filler = Filler { values: values(template), budget: MAX_FILLED };
    for object in field::items(template, &["objects"]) {
        let mut object = object.clone();
        if object.get("kind").and_then(Node::str) == Some(TEMPLATE) {
            continue;
        }
        filler.fill(&mut object);
        name_without_blanks(&mut object);
        kinds::read(&object, facts);
    }
}

/// Takes out of the object's name what is known only when it is deployed, such as the zone in
/// `shop-${ZONE}-api`: the same object is deployed to all of them.
fn name_without_blanks(object: &mut Node) {
    let Some(name) = entry(object, "metadata").and_then(|metadata| entry(metadata, "name")) else {
        return;
    };
    let Value::Scalar(scalar) = &mut name.value else { return };
    // A parameter behind a word, as in `shop${SUFFIX}`, tells copies of it apart.
    let text = scalar.text.trim_end_matches('-');
    let text = text.strip_suffix('}').and_then(|text| text.rsplit_once("${")).map_or(
        text,
        |(own, name)| {
            if own.is_empty() || name.contains(['{', '}']) { text } else { own }
        },
    );
    let words = text.split('-').filter(|word| !is_blank(word) && !word.is_empty());
    let known = words.collect::<Vec<_>>().join("-");
    if !known.is_empty() {
        scalar.text = known;
    }
}

/// Whether a word is a parameter and nothing else.
fn is_blank(word: &str) -> bool {
    word.starts_with("${") && word.find('}') == word.len().checked_sub(1)
}

fn entry<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|(own, _)| own.str() == Some(key)).map(|(_, value)| value)
}

/// The parameters that have a value.
fn values(template: &Node) -> HashMap<&str, &str> {
    let parameters = field::items(template, &["parameters"]).iter();
    parameters
        .filter_map(|parameter| {
            Some((parameter.get("name")?.str()?, parameter.get("value")?.str()?))
        })
        .collect()
}

struct Filler<'a> {
    values: HashMap<&'a str, &'a str>,
    budget: usize,
}

impl Filler<'_> {
    /// Goes as deep as the tree, which is bounded where it is built.
    fn fill(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Scalar(scalar) => {
                // `${{NAME}}` stands for a value of any type, `${NAME}` for text.
                let is_typed = scalar.text.starts_with("${{");
                if let Some(text) = self.filled(&scalar.text) {
                    scalar.text = text;
                    scalar.is_plain |= is_typed;
                }
            }
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| self.fill(value)),
        }
    }

    fn filled(&mut self, text: &str) -> Option<String> {
        if !text.contains("${") {
            return None;
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once("${") {
            filled.push_str(before);
            let reference = self.resolve(inside);
            let (value, after) = reference.unwrap_or(("${", inside));
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// The value of the reference that `inside` goes on with, and what stands behind it.
    fn resolve<'t>(&mut self, inside: &'t str) -> Option<(&'t str, &'t str)>
    where
        Self: 't,
    {
        let (name, rest) = match inside.strip_prefix('{') {
            Some(inside) => inside.split_once("}}")?,
            None => inside.split_once('}')?,
        };
        let value = *self.values.get(name)?;
        self.budget = self.budget.checked_sub(value.len())?;
        Some((value, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    const TEMPLATE: &str = "\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: t}
parameters:
- {name: TAG, value: \"1.2\"}
- {name: REPLICAS, value: \"3\"}
- {name: HOST}
objects:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: api}
  spec:
    replicas: ${{REPLICAS}}
    selector: {}
    template:
      spec:
        containers: [{name: api, image: \"x:${TAG}\", env: [{name: H, value: \"${HOST}\"}]}]
";

    #[test]
    fn parameters_with_values_are_filled_in_and_places_stay() {
        let facts = facts_of(TEMPLATE);
        let workload = &facts.workloads[0];
        let replicas = workload.replicas.as_ref().unwrap();
        assert_eq!((replicas.value, at(&replicas.place)), (3, "13:15".into()));
        let container = &workload.containers[0];
        assert_eq!(container.image.as_ref().unwrap().value, "x:1.2");
        assert_eq!(container.environment[0].value, crate::VariableValue::Outer);
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn a_template_needs_no_name_and_its_objects_are_called_the_same_in_every_zone() {
        let text = "apiVersion: template.openshift.io/v1\nkind: Template\n\
                    parameters: [{name: APP, value: shop}, {name: ZONE, required: true}]\nobjects:\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: '${APP}-${ZONE}-api'}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: '${APP}-${ZONE}'}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: '${APP}-web${ZONE}'}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: '${APP}-'}}\n\
                    - {apiVersion: v1, kind: ConfigMap, metadata: {name: '${ZONE}'}}\n\
                    - {apiVersion: v1, kind: Template, metadata: {name: inner}, objects: []}\n";
        let facts = facts_of(text);
        let names: Vec<_> = facts.cluster.config_maps.iter().map(|map| map.name.as_str()).collect();
        assert_eq!(names, ["shop-api", "shop", "shop-web", "shop"]);
        assert_eq!(facts.gaps.len(), 1, "{:?}", facts.gaps);
    }

    #[test]
    fn a_parameter_cannot_make_the_text_grow_without_bound() {
        let value = "x".repeat(100_000);
        let names: Vec<_> = (0..500).map(|n| format!(", k{n}: '${{A}}'")).collect();
        let names = names.concat();
        let text = format!(
            "apiVersion: v1\nkind: Template\nmetadata: {{name: t}}\nparameters: [{{name: A, value: {value}}}]\n\
             objects:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: a}}\n  data: {{k: y{names}}}\n"
        );
        let facts = facts_of(&text);
        let sizes = facts.cluster.config_maps[0].entries.iter().map(|(_, value)| value.value.len());
        assert!(sizes.sum::<usize>() < 2 << 20);
    }
}

//! Images that the values of Helm charts name. Charts are not rendered: whose the images are is all
//! that is told by them.

use model::{Place, Placed};

use super::chart_user::is_values;
use crate::read::Source;
use crate::{ChartImage, Facts};

/// Notes the images of a file of values: `image: {repository: …}` over several lines, and
/// `image: acme/till:1`.
pub(in crate::read) fn note(source: Source<'_>, facts: &mut Facts) {
    if !is_values(source.name) || !source.text.contains("image:") {
        return;
    }
    // How far the last `image:` without a value stands from the left.
    let mut around: Option<usize> = None;
    // How many images were noted before the one that is read.
    let mut noted = facts.chart_images.len();
    let mut registry = None;
    for (line, number) in source.text.lines().zip(1..) {
        let Some((depth, key, value)) = setting(line) else { continue };
        if around.is_some_and(|around| depth <= around) {
            (around, registry) = (None, None);
        }
        let image = match (key, around) {
            ("image", _) if value.is_empty() => {
                around = Some(depth);
                noted = facts.chart_images.len();
                continue;
            }
            ("pullPolicy" | "imagePullPolicy", Some(_)) => {
                if value == "Never" {
                    never_pull(noted, facts);
                }
                continue;
            }
            ("image", _) => value.contains('/').then(|| value.to_owned()),
            ("registry", Some(_)) => {
                registry = Some(value).filter(|value| !value.is_empty());
                continue;
            }
            ("repository", Some(_)) => Some(match registry {
                Some(registry) => format!("{registry}/{value}"),
                None => value.to_owned(),
            }),
            _ => continue,
        };
        if let Some(image) = image.filter(|image| is_written(image)) {
            let place = Place::point(source.path.clone(), number, 1);
            let is_main = around.unwrap_or(depth) == 0;
            let image = Placed::new(image, place);
            facts.chart_images.push(ChartImage { image, is_main, is_never_pulled: false });
        }
    }
}

/// Marks the images from the one of this index on as never fetched.
fn never_pull(from: usize, facts: &mut Facts) {
    for named in facts.chart_images.iter_mut().skip(from) {
        named.is_never_pulled = true;
    }
}

/// The depth of a line, its key and its plain value.
fn setting(line: &str) -> Option<(usize, &str, &str)> {
    let text = line.trim_start().trim_start_matches("- ");
    let (key, value) = text.split_once(':').filter(|_| !text.starts_with('#'))?;
    let value = value.split(" #").next().unwrap_or_default().trim();
    let value = if value.starts_with('#') { "" } else { value };
    Some((line.len() - text.len(), key.trim(), value.trim_matches(['"', '\''])))
}

/// Whether a value names an image, and not only where it comes from.
fn is_written(image: &str) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "./-_:@".contains(letter);
    !image.is_empty() && image.chars().all(is_of_name) && !image.ends_with(['/', ':'])
}

#[cfg(test)]
mod tests {
    fn noted(path: &str, text: &str) -> Vec<String> {
        let facts = crate::read(&path.into(), text.as_bytes());
        let told = facts.chart_images.iter().map(|named| {
            let of_part = if named.is_main { "" } else { " of a part" };
            let never = if named.is_never_pulled { ", never fetched" } else { "" };
            format!("{}:{}{of_part}{never}", named.image.place.line, named.image.value)
        });
        told.collect()
    }

    #[test]
    fn images_are_told_by_repository_and_registry_and_by_their_whole_names() {
        let values = "\
image: # the till
  registry: ghcr.io
  repository: acme/till # by the pipeline
  tag: '1'
repository: nowhere
stock:
  image:
    repository: \"acme/stock\"
    pullPolicy: Never
  sidecars:
    - image: acme/proxy:2
git:
  repository: https://git.example/a
image2: acme/none
empty:
  image:
    repository: ''
    pullPolicy: Always
filled:
  image: '{{ .Values.x }}/y'
";
        let expected = [
            "3:ghcr.io/acme/till",
            "8:acme/stock of a part, never fetched",
            "11:acme/proxy:2 of a part",
        ];
        assert_eq!(noted("charts/till/values-prod.yaml", values), expected);
        assert_eq!(noted("charts/till/settings.yaml", values), [""; 0]);
    }
}

//! Files of hosting platforms: whether they run what stands beside them, an image, or nothing.

use model::{Place, Placed};

use super::Source;
use crate::Facts;
use crate::cursor::Cursor;

pub(super) fn is_named(_: &str, name: &str) -> bool {
    matches!(name, "fly.toml" | "railway.json")
}

/// Reads the image that the file names; that of a file without any word of its platform is empty.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    if source.name == "railway.json" {
        let words = ["\"$schema\"", "\"build\"", "\"deploy\""];
        if !words.iter().any(|word| source.text.contains(word)) {
            let place = Place::file(source.path.clone());
            facts.platform_images.push(Placed::new(String::new(), place));
        }
        return;
    }
    let mut cursor = Cursor::new(source.path, source.text);
    let (mut start, mut is_build) = (0, false);
    for line in source.text.split_inclusive('\n') {
        let text = line.trim();
        if text.starts_with('[') {
            is_build = text == "[build]";
        }
        let setting = text.split_once('=').filter(|(key, _)| is_build && key.trim() == "image");
        if let Some((_, image)) = setting {
            let image = image.trim().trim_matches(['"', '\'']).to_owned();
            facts.platform_images.push(Placed::new(image, cursor.point(start)));
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::kept_by_acme as found;

    #[test]
    fn a_platform_that_runs_an_image_of_others_runs_no_service_of_the_tree() {
        let file = |image: &str| {
            format!("app = \"a\"\n[build]\n  image = '{image}'\n[env]\n  image = 'x'\n")
        };
        let own = ("apps/till/fly.toml", "app = \"till\"\n");
        for (image, names) in
            [("ghcr.io/keeper/log-shipper:1", vec!["till"]), ("acme/log:1", vec!["log", "till"])]
        {
            let file = file(image);
            assert_eq!(found(&[own, ("apps/log/fly.toml", &file)]), names, "{image}");
        }
    }

    #[test]
    fn data_that_is_called_like_a_platform_makes_no_service() {
        let own = ("apps/till/railway.json", "{\"build\": {}}\n");
        let data = ("apps/web/figures/railway.json", "{\"regions\": [\"ams\"]}\n");
        assert_eq!(found(&[own, data]), ["till"]);
    }
}

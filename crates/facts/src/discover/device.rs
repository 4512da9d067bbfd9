//! Units of systemd that are files of the image of a device: they tell how that device starts, and are
//! no service that anybody operates.

use std::collections::HashMap;

use super::candidate::{Candidate, Origin, Standing};
use super::name::{ancestors, folder_of, has_words, key, last_part};
use crate::Facts;

/// Folders that are copied into an image as they are.
const CONTENTS: &[&str] = &["files", "overlay", "rootfs", "rootfs-overlay"];

/// Tools and systems by which images of devices are made.
const BUILDERS: &[&str] = &[
    "armbian",
    "buildroot",
    "mender",
    "openwrt",
    "pi-gen",
    "raspberry-pi",
    "raspberrypi",
    "raspbian",
    "raspios",
    "yocto",
];

/// Sets back the units of such images.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let mut known: HashMap<String, bool> = HashMap::new();
    for candidate in candidates.iter_mut().filter(|c| c.source == Origin::Systemd) {
        let folder = candidate.reason.place.folder();
        let mut contents = ancestors(folder).filter(|f| CONTENTS.contains(&&*key(last_part(f))));
        let is_baked = contents.any(|contents| {
            let around = folder_of(contents);
            *known.entry(around.to_owned()).or_insert_with(|| makes_device(around, facts))
        });
        if is_baked {
            let doubt = "is put into the image of a device";
            candidate.standing = Standing::Stranger(doubt.into());
        }
    }
}

/// Whether a folder stands below one that is called after such a tool, or holds a recipe of Yocto.
fn makes_device(folder: &str, facts: &Facts) -> bool {
    let is_called = |part: &str| BUILDERS.iter().any(|builder| has_words(&key(part), builder));
    let is_recipe = |path: &str| {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending);
        folder_of(path) == folder && matches!(ending, Some("bb" | "bbappend"))
    };
    folder.split('/').any(is_called) || facts.below(folder).any(is_recipe)
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    fn services(unit: &str, beside: &str) -> Vec<String> {
        let service =
            "[Unit]\nDescription=Till\n[Service]\nExecStart=/usr/bin/till\nRestart=always\n";
        let found = discover(&tree(&[(unit, service), (beside, "")])).services.into_iter();
        found.map(|service| service.name).collect()
    }

    #[test]
    fn a_unit_among_the_files_of_a_devices_image_is_no_service() {
        for (unit, beside) in [
            ("desk/raspbian-setup/files/till.service", "desk/setup.sh"),
            ("mender/overlay/etc/systemd/system/till.service", "a.sh"),
            (
                "meta-shop/recipes-till/till/files/till.service",
                "meta-shop/recipes-till/till/till_1.0.bb",
            ),
        ] {
            assert_eq!(services(unit, beside), [""; 0], "{unit}");
        }
    }

    #[test]
    fn a_unit_of_a_machine_is_one() {
        for (unit, beside) in [
            ("roles/till/files/till.service", "roles/till/meta.yml"),
            ("raspbian-setup/till.service", "setup.sh"),
            ("deploy/files/till.service", "meta-shop/till_1.0.bb"),
            ("recommender/files/till.service", "a.sh"),
        ] {
            assert_eq!(services(unit, beside), ["till"], "{unit}");
        }
    }
}

//! What an instruction takes from elsewhere: images and addresses.

use model::Placed;

use super::lines::Instruction;
use super::stage::placed;
use crate::cursor::Cursor;
use crate::read::words::Word;

/// Images and stages that `RUN --mount=from=…` mounts.
pub(super) fn mounted(
    instruction: &Instruction<'_>,
    cursor: &mut Cursor<'_>,
) -> Vec<Placed<String>> {
    let mounts = instruction.flags().filter(|(flag, _)| *flag == "mount");
    let options = mounts.flat_map(|(_, mount)| mount.split_all(','));
    let images =
        options.filter_map(|option| option.split('=')).filter(|(key, _)| key.text == "from");
    images.map(|(_, image)| placed(instruction, image.stretch(), cursor)).collect()
}

/// Images and stages that `COPY --from=…` copies from.
pub(super) fn copied(
    instruction: &Instruction<'_>,
    cursor: &mut Cursor<'_>,
) -> Vec<Placed<String>> {
    let images = instruction.flags().filter(|(flag, _)| *flag == "from");
    images.map(|(_, image)| placed(instruction, image.stretch(), cursor)).collect()
}

/// Paths of the folder that the image is built from which `COPY` or `ADD` takes.
pub(super) fn taken(instruction: &Instruction<'_>) -> Vec<String> {
    let is_elsewhere = instruction.flags().any(|(flag, _)| flag == "from");
    let words: Vec<&str> = instruction.operands().map(|word| word.text).collect();
    let (_, sources) = words.split_last().unwrap_or((&"", &[]));
    let is_path =
        |word: &&&str| !is_elsewhere && !word.starts_with(['[', '$']) && !is_address(word);
    sources.iter().filter(is_path).map(|word| (*word).to_owned()).collect()
}

/// Addresses that `ADD` loads; none when a `--checksum` holds them.
pub(super) fn addresses<'i>(instruction: &'i Instruction<'_>) -> impl Iterator<Item = Word<'i>> {
    let is_held = instruction.flags().any(|(flag, _)| flag == "checksum");
    instruction.words().filter(move |word| !is_held && is_address(word.text))
}

fn is_address(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', '[']);
    ["http://", "https://", "git://", "ssh://", "git@"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

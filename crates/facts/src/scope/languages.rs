//! In which language a page is written: what a page does not say is only known where its words are.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::owners::spoken;
use crate::words::plain;
use crate::{Document, Facts};

/// Tells the languages of the documents of a tree, each read once when it is first asked for.
#[derive(Debug)]
pub struct Languages<'a> {
    pages: HashMap<&'a str, OnceLock<bool>>,
}

impl<'a> Languages<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let paths = facts.documents.iter().map(|document| &*document.place.path);
        Self { pages: paths.map(|path| (path, OnceLock::new())).collect() }
    }

    /// Whether a page of the tree is written in another language than English, of which headings in
    /// English, commands and links are read and nothing else. A page in two languages says all in
    /// each.
    pub fn is_foreign(&self, document: &Document) -> bool {
        let page = self.pages.get(&*document.place.path);
        page.map_or_else(|| is_foreign(document), |page| *page.get_or_init(|| is_foreign(document)))
    }
}

fn is_foreign(document: &Document) -> bool {
    let (mut english, mut foreign, mut letters, mut others) = (0_usize, 0_usize, 0_usize, 0_usize);
    let lines = document.sections.iter().flat_map(spoken);
    for word in lines.flat_map(str::split_whitespace).take(MOST_WORDS) {
        let word = plain(word);
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        english += usize::from(ENGLISH.contains(&word));
        foreign += usize::from(FOREIGN.contains(&word));
        letters += word.chars().filter(|c| c.is_alphabetic()).count();
        others += word.chars().filter(|c| c.is_alphabetic() && *c > LAST_LATIN).count();
    }
    (foreign >= FEWEST && foreign > 2 * english) || others > letters / 3
}

/// So many words tell of the rest.
const MOST_WORDS: usize = 2000;

/// One or two stand in names.
const FEWEST: usize = 3;

/// The last letter of the Latin alphabet with all its accents.
const LAST_LATIN: char = '\u{24f}';

/// Words without which no English is written.
static ENGLISH: &[&str] = &["and", "are", "from", "of", "that", "the", "this", "to", "with", "you"];

/// The same of German, French, Spanish, Portuguese, Italian, Dutch, Finnish, Norwegian, Danish,
/// Swedish, Indonesian, Malay, Turkish, Polish, Czech, Hungarian, Romanian and Vietnamese, as far as
/// they are no words of English.
static FOREIGN: &[&str] = &[
    "adalah", "akan", "atau", "att", "auf", "av", "avec", "bir", "bu", "być", "będzie", "che",
    "com", "các", "có", "của", "da", "dan", "dans", "dari", "das", "de", "dem", "dengan", "der",
    "des", "değil", "die", "dla", "een", "egy", "ei", "eine", "el", "en", "est", "este", "et",
    "että", "för", "für", "het", "hogy", "ikke", "il", "ile", "ini", "inte", "ist", "için", "ja",
    "je", "jsou", "kan", "không", "la", "las", "le", "les", "los", "lub", "med", "mit", "nebo",
    "nem", "není", "nicht", "nie", "não", "och", "og", "oleh", "oraz", "os", "ovat", "pada",
    "para", "pentru", "por", "pour", "przez", "sau", "się", "som", "sono", "sur", "să", "tai",
    "tidak", "til", "um", "uma", "und", "une", "untuk", "vagy", "van", "ve", "veya", "voor", "và",
    "với", "wird", "yang", "zu", "zur", "är", "è", "é", "és", "în", "được", "și",
];

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::read;

    fn is_foreign_text(text: &str) -> bool {
        let path: Arc<str> = Arc::from("README.md");
        let facts = read(&path, text.as_bytes());
        let languages = Languages::of(&facts);
        facts.documents.iter().all(|document| languages.is_foreign(document))
    }

    #[test]
    fn a_page_is_told_by_its_small_words_and_not_by_its_commands() {
        for text in [
            "# Betrieb\n\nDie Anwendung wird mit Helm und der Pipeline ausgeliefert.",
            "# Déploiement\n\nLes images sont construites par la chaîne et mises en ligne.",
            "# Käyttö\n\nPalvelu ja tietokanta ovat klusterissa, ei koneella tai muualla.",
            "# 部署\n\n服务由流水线发布到集群。",
            "# Dukungan\n\nTiket dijawab dalam dua jam dan yang mendesak tidak menunggu.",
            "# Dağıtım\n\nUygulama ve veritabanı bir sunucuda çalışır, kullanıcı için değil.",
            "# Wdrożenie\n\nUsługa nie działa lokalnie i jest wdrażana przez potok oraz skrypt.",
        ] {
            assert!(is_foreign_text(text), "{text}");
        }
        for text in [
            "# Deploy\n\nThe service is rolled out by the pipeline of el-shop in La Paz.",
            "# Run\n\n```sh\nla de des und mit der\n```\n",
            "# Der Shop\n\nRun `make`.",
        ] {
            assert!(!is_foreign_text(text), "{text}");
        }
    }
}

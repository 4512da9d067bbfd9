//! What the services of a tree are called, and which of them its texts name.
//!
//! A text is searched for all names at once, and a page once for all services: what is told of a
//! thousand services takes no longer to find than the text takes to read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::search::Search;
use crate::discover::name::{ancestors, last_part};
use crate::words::plain;
use crate::{Document, Facts, Role, Service};

/// The names of all services of a tree, in plain words: their own, their aliases, and the last parts
/// of their folders.
#[derive(Debug)]
pub struct Names<'a> {
    services: &'a [Service],
    /// Every name.
    search: Search,
    /// The services that go by a name, in order: by their own or by an alias.
    bearers: HashMap<Arc<str>, Vec<usize>>,
    /// The services that are called exactly so.
    namesakes: HashMap<&'a str, Vec<usize>>,
    /// The folders of services, the root left out.
    folders: HashSet<&'a str>,
    product: String,
    /// What each document names, looked up when it is asked for.
    pages: HashMap<&'a str, OnceLock<Page<'a>>>,
}

/// Which services a text tells of.
#[derive(Debug)]
pub struct Told<'a> {
    /// Their names that stand in it.
    pub names: BTreeSet<Arc<str>>,
    /// Their folders that paths in it lead into, the root left out.
    pub folders: BTreeSet<&'a str>,
}

/// Which services a document names.
#[derive(Debug)]
pub struct Page<'a> {
    /// Names in its headings and its words, its code left out.
    pub told: BTreeSet<Arc<str>>,
    /// What the text of each of its sections tells, its code included.
    pub sections: Vec<Told<'a>>,
    /// The services that `told` names by more than one word, by index: one word alone is a word of
    /// English more often than the name of a service.
    services: BTreeSet<usize>,
}

impl<'a> Names<'a> {
    pub(super) fn of(facts: &'a Facts, services: &'a [Service]) -> Self {
        let mut bearers: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut namesakes: HashMap<&'a str, Vec<usize>> = HashMap::new();
        for (at, service) in services.iter().enumerate() {
            namesakes.entry(service.name.as_str()).or_default().push(at);
            for name in service.aliases.iter().chain([&service.name]) {
                bearers.entry(plain(name).into()).or_default().push(at);
            }
            bearers.entry(plain(last_part(&service.folder)).into()).or_default();
        }
        let all: BTreeSet<Arc<str>> =
            bearers.keys().filter(|name| !name.is_empty()).cloned().collect();
        let search = Search::of(Vec::from_iter(all));
        let pages = facts.documents.iter().map(|d| (&*d.place.path, OnceLock::new())).collect();
        let product = product(&facts.documents);
        let folders = services.iter().map(|service| service.folder.as_str());
        let folders = folders.filter(|folder| !folder.is_empty()).collect();
        Self { services, search, bearers, namesakes, folders, product, pages }
    }

    /// What the tree as a whole is called, in plain words: the title of its README.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// The names that stand in `text` as whole words, a plural "s" allowed for.
    pub fn named_in(&self, text: &str) -> BTreeSet<Arc<str>> {
        self.search.names_in(&plain(text)).into_iter().cloned().collect()
    }

    /// The services that go by `name`, a name in plain words: by their own or by an alias.
    pub fn bearers(&self, name: &str) -> impl Iterator<Item = &'a Service> + '_ {
        let bearers = self.bearers.get(name).into_iter().flatten();
        bearers.filter_map(|at| self.services.get(*at))
    }

    /// Whether `folder` is that of a service or stands below it; the root is nobody's.
    pub fn is_in_folder_of_one(&self, folder: &str) -> bool {
        ancestors(folder).any(|folder| self.folders.contains(folder))
    }

    /// Whether `folder` is that of a service.
    pub fn is_folder_of_one(&self, folder: &str) -> bool {
        self.folders.contains(folder)
    }

    /// What a document of the tree names.
    pub fn page(&self, document: &Document) -> Option<&Page<'a>> {
        let page = self.pages.get(&*document.place.path)?;
        Some(page.get_or_init(|| self.read(document)))
    }

    /// The first of the services of which `page` tells, where it tells of most of those that are not
    /// called like `service`.
    pub fn most_told(&self, page: &Page<'_>, service: &Service) -> Option<&'a Service> {
        let namesakes = self.namesakes.get(&*service.name).map_or(&[][..], Vec::as_slice);
        let others = self.services.len() - namesakes.len();
        let own = namesakes.iter().filter(|at| page.services.contains(at)).count();
        let told = page.services.len() - own;
        let mut services = page.services.iter().filter_map(|at| self.services.get(*at));
        let first = services.find(|other| other.name != service.name);
        // A page that names one of many may name it for its own sake.
        first.filter(|_| told * 2 >= others)
    }

    fn read(&self, document: &Document) -> Page<'a> {
        let told = self.named_in(&words(document));
        let telling = told.iter().filter(|name| name.len() >= SHORTEST_NAME && name.contains(' '));
        let services = telling.filter_map(|name| self.bearers.get(name)).flatten();
        let services = services.copied().collect();
        let sections = document.sections.iter().map(|section| Told {
            names: self.named_in(&section.text),
            folders: self.folders_in(&section.text),
        });
        Page { sections: sections.collect(), services, told }
    }

    /// The folders of services that paths in `text` lead into: `apps/till/Makefile`, `cd till`.
    fn folders_in(&self, text: &str) -> BTreeSet<&'a str> {
        let is_end = |c: char| c.is_whitespace() || "\"'`()[]<>,;=".contains(c);
        let words = text.split(is_end).filter(|word| !word.is_empty());
        let mut found = BTreeSet::new();
        if self.folders.is_empty() {
            return found;
        }
        let mut is_gone_to = false;
        for word in words {
            let path = word.strip_prefix("./").unwrap_or(word).trim_end_matches(['/', '.', ':']);
            if is_gone_to || path.contains('/') {
                found.extend(ancestors(path).find_map(|folder| self.folders.get(folder)));
            }
            is_gone_to = word == "cd";
        }
        found
    }
}

/// Shorter names stand in words by chance.
pub const SHORTEST_NAME: usize = 3;

/// The headings and the words of a page, without its code.
fn words(document: &Document) -> String {
    let mut words = String::new();
    for section in &document.sections {
        let blocks = section.code.iter().map(|(_, code)| code.value.trim());
        let text = blocks
            .filter(|code| !code.is_empty())
            .fold(section.text.clone(), |text, code| text.replace(code, " "));
        words.extend([section.title.value.as_str(), "\n", &text, "\n"]);
    }
    words
}

fn product(documents: &[Document]) -> String {
    let mut readmes = documents.iter().filter(|document| document.role == Role::Readme);
    let root = readmes.find(|readme| readme.place.folder().is_empty());
    root.and_then(|readme| readme.title.as_ref()).map_or_else(String::new, |title| plain(title))
}

#[cfg(test)]
mod tests {
    use model::Kind;

    use super::*;
    use crate::read;

    fn service(name: &str, aliases: &[&str]) -> Service {
        Service {
            name: name.to_owned(),
            folder: format!("services/{name}"),
            kind: Kind::Web,
            is_kind_assumed: true,
            tier: None,
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            reasons: Vec::new(),
            retired: None,
            doubt: None,
        }
    }

    fn readme(text: &str) -> Facts {
        read(&"README.md".into(), text.as_bytes())
    }

    fn named(names: &Names<'_>, text: &str) -> Vec<String> {
        names.named_in(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_are_found_as_whole_words_in_any_spelling() {
        let services = [service("shop-api", &["till"]), service("Shop_Admin", &[])];
        let facts = readme("# The Shop-API\n");
        let mut names = Names::of(&facts, &services);
        for _ in 0..2 {
            assert_eq!(named(&names, "The Shop-API and the tills."), ["shop api", "till"]);
            assert_eq!(named(&names, "shop\u{2011}admins, (shop_api)"), ["shop admin", "shop api"]);
            assert_eq!(named(&names, "shop apis2, a workshop api, tilling, shopapi"), [""; 0]);
            // One name after the other finds the same.
            names.search.one_by_one();
        }
        assert_eq!(names.product(), "the shop api");
    }

    #[test]
    fn a_page_that_names_most_of_the_others_in_several_words_tells_of_them() {
        let services = [
            service("till", &[]),
            service("shop-api", &["stock"]),
            service("shop-web", &[]),
            service("shop-mail", &[]),
        ];
        let told = |text: &str| {
            let facts = readme(text);
            let names = Names::of(&facts, &services);
            let page = names.page(&facts.documents[0]).expect("it is a page of the tree");
            names.most_told(page, &services[0]).map(|other| other.name.clone())
        };
        assert_eq!(told("# Shop\n\nshop-web calls shop-api.\n").as_deref(), Some("shop-api"));
        assert_eq!(told("# Shop\n\nshop-web calls the stock.\n"), None, "one word is English");
        assert_eq!(told("# Shop\n\nshop-web\n\n```sh\nrun shop-api\n```\n"), None, "code");
    }

    #[test]
    fn paths_lead_into_folders_and_words_do_not() {
        let services = [service("till", &[]), service("till-web", &[])];
        let facts = readme("# Shop\n");
        let names = Names::of(&facts, &services);
        let led = |text: &str| names.folders_in(text).into_iter().collect::<Vec<_>>();
        let text = "See [it](./services/till/README.md), run `make -C services/till-web/`.";
        assert_eq!(led(text), ["services/till", "services/till-web"]);
        assert_eq!(led("--prefix=services/till: 1"), ["services/till"]);
        assert_eq!(led("the till and its services/ of https://services/till"), [""; 0]);
        assert_eq!(led("cd services/till && cd .. && cd services"), ["services/till"]);
        assert_eq!(led("services/tills /services/till"), [""; 0]);
    }

    /// Service by service and name by name this takes hours.
    #[test]
    fn a_long_page_is_read_once_for_thousands_of_services() {
        let services: Vec<Service> =
            (0..5_000).map(|at| service(&format!("shop-part-{at:04}"), &[])).collect();
        let facts =
            readme(&"The shop has parts such as shop-part-0007 and others. ".repeat(20_000));
        let names = Names::of(&facts, &services);
        let told = services.iter().filter(|service| {
            let page = names.page(&facts.documents[0]).expect("it is a page of the tree");
            names.most_told(page, service).is_some() || page.told.contains(&*plain(&service.name))
        });
        assert_eq!(told.count(), 1);
    }
}

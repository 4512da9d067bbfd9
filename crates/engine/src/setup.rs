//! What a gonogo.yaml still has to say before drills can be run.

use facts::Declaration;
use model::{Place, listed};

/// What drills need, for whoever writes it by hand: keys of a document of gonogo.yaml.
pub const DRILLED: &str = "\
run:
  command: [node, server.js]   # what starts it, as a list
  env: {PORT: \"{port}\"}        # `{port}` is filled in
  ready: /readyz               # answers with 200 once it can be used
journeys:                      # what users do with it
  - name: front-page
    request: {method: GET, path: /}
    expect: {status: 200}
";

/// What keeps drills from a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// Where its document starts; `None`: there is none yet.
    pub place: Option<Place>,
    /// The keys that it lacks.
    pub keys: Vec<&'static str>,
    /// Whether there is a gonogo.yaml at the root, to which documents are added.
    pub is_begun: bool,
}

impl Unset {
    /// What keeps drills from `service`; `None`: `declarations` say all that they need.
    pub fn of(declarations: &[Declaration], service: &str) -> Option<Self> {
        let own = declarations.iter().find(|known| known.service.value == service);
        let keys = own.map_or_else(|| vec!["run", "journeys", "dependencies"], lacking);
        let is_begun = declarations.iter().any(|known| &*known.place.path == "gonogo.yaml");
        (!keys.is_empty()).then(|| Self { place: own.map(|own| own.place.start()), keys, is_begun })
    }

    /// The keys, as they are written.
    pub fn in_words(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(|key| format!("`{key}:`")).collect();
        listed(&keys, "and")
    }

    /// The command or place to start with.
    pub(crate) fn start(&self) -> String {
        match &self.place {
            Some(place) => place.to_string(),
            None if self.is_begun => "gonogo.yaml".to_owned(),
            None => "gonogo init".to_owned(),
        }
    }
}

/// The keys that drills need and `declaration` lacks.
fn lacking(declaration: &Declaration) -> Vec<&'static str> {
    let starts = declaration.run.as_ref().is_some_and(|run| !run.arguments.is_empty());
    let mut journeys = declaration.journeys.iter().flatten();
    let is_used = journeys.any(|journey| journey.exchange.is_some());
    let keys = [
        ("run", starts),
        ("journeys", is_used),
        ("dependencies", declaration.dependencies.is_some()),
    ];
    keys.into_iter().filter(|(_, is_there)| !is_there).map(|(key, _)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(text: &str) -> Vec<Declaration> {
        facts::read(&"gonogo.yaml".into(), text.as_bytes()).declarations
    }

    #[test]
    fn what_drills_need_is_named_until_it_is_there() {
        let all = Unset::of(&[], "shop").unwrap();
        assert_eq!(all.in_words(), "`run:`, `journeys:` and `dependencies:`");
        assert_eq!(all.start(), "gonogo init");
        let begun = "service: shop\nkind: web\ndependencies: []\n";
        let unset = Unset::of(&declared(begun), "shop").unwrap();
        assert_eq!(unset.in_words(), "`run:` and `journeys:`");
        assert_eq!(unset.start(), "gonogo.yaml:1:1");
        assert_eq!(Unset::of(&declared(begun), "mail").unwrap().start(), "gonogo.yaml");
        let whole = format!("{begun}{DRILLED}");
        assert_eq!(Unset::of(&declared(&whole), "shop"), None);
    }

    #[test]
    fn the_example_is_taken_as_it_stands() {
        let declared = declared(&format!("service: shop\nkind: web\ntier: 2\n{DRILLED}"));
        assert_eq!(declared[0].troubles, []);
    }
}

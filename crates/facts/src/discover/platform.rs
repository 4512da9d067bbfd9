//! Files of hosting platforms, which are known by their name alone.

use std::collections::{BTreeSet, HashSet};

use model::{Place, Placed};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::code_folder;
use super::name::{folder_of, last_part};
use super::provenance::Ties;
use super::sample::is_sample_manifest;
use crate::path::join;
use crate::read::is_of_fly;
use crate::{Facts, Pushed, Worker};

/// Files that make a platform run what stands beside them, beside those of Fly.
const FILES: &[&str] = &[
    PROCFILE,
    "railway.json",
    "railway.toml",
    "render.yaml",
    "serverless.yaml",
    "serverless.yml",
    "wrangler.json",
    "wrangler.jsonc",
    "wrangler.toml",
];

const PROCFILE: &str = "Procfile";

fn is_file(name: &str) -> bool {
    FILES.contains(&name) || is_of_fly(name)
}

/// Files of App Engine and of the process manager PM2, whose names are often somebody else's: they count beside a package
/// manifest only.
const BESIDE_PACKAGE: &[&str] = &[
    "app.yaml",
    "ecosystem.config.cjs",
    "ecosystem.config.js",
    "ecosystem.config.json",
    "ecosystem.config.mjs",
];

pub(super) fn candidates<'f>(facts: &'f Facts, ties: &Ties) -> impl Iterator<Item = Candidate<'f>> {
    by_file(facts, ties).chain(by_host(facts)).chain(by_push(facts))
}

/// What a configuration of Wrangler makes run.
fn worker<'f>(path: &str, facts: &'f Facts) -> Option<&'f Worker> {
    facts.workers.iter().find(|worker| *worker.place.path == *path)
}

/// Whether a configuration of Wrangler is there for a database or the like: it names no program, and
/// none stands beside it that a framework, or who starts Wrangler, may name.
fn runs_nothing(path: &str, facts: &Facts) -> bool {
    if is_left_over(path, facts) {
        return true;
    }
    let folder = folder_of(path);
    let has_folder = |name: &str| join(folder, name).is_some_and(|inner| facts.has_folder(&inner));
    let is_settings =
        |path: &str| folder_of(path) == folder && last_part(path).contains(".config.");
    worker(path, facts).is_some_and(|worker| !worker.runs)
        && !["app", "functions", "src"].iter().any(|name| has_folder(name))
        && !facts.below(folder).any(is_settings)
}

/// Whether a configuration of Wrangler has no more than a name, where another of the tree says what is
/// run: what stands beside it may be anybody's, if it is not called like an entry.
fn is_left_over(path: &str, facts: &Facts) -> bool {
    const ENTRIES: &[&str] = &["index", "server", "worker"];
    let is_bare = worker(path, facts).is_some_and(|worker| worker.is_bare);
    let folder = folder_of(path);
    let is_entry = |path: &str| {
        let (stem, ending) = last_part(path).split_once('.').unwrap_or_default();
        let near = [folder.to_owned(), join(folder, "src").unwrap_or_default()];
        near.iter().any(|near| folder_of(path) == near)
            && ENTRIES.contains(&stem)
            && matches!(ending, "js" | "mjs" | "py" | "ts")
    };
    is_bare && facts.workers.iter().any(|other| other.runs) && !facts.below(folder).any(is_entry)
}

/// What a file of a platform makes run: what stands beside it, unless it says otherwise.
fn standing(path: &str, facts: &Facts, ties: &Ties) -> Standing {
    if runs_nothing(path, facts) {
        return Standing::Stranger("names no program, and no files to show".into());
    }
    match facts.platform_images.iter().find(|image| *image.place.path == *path) {
        Some(image) if image.is_empty() => {
            Standing::Stranger("holds nothing that a platform is told".into())
        }
        Some(image) if ties.third_party(image).is_some() || ties.is_foreign(image) => {
            Standing::Foreign(format!("runs `{}`, which is software of others", image.value))
        }
        _ => Standing::Founds,
    }
}

/// What a .NET Aspire host starts.
fn by_host(facts: &Facts) -> impl Iterator<Item = Candidate<'_>> {
    facts.hosted.iter().filter(|project| !is_sample_manifest(&project.place.path)).map(|project| {
        let name = Placed::new(last_part(project).to_owned(), project.place.clone());
        let what = format!("project `{}` of a .NET Aspire host", *name);
        Candidate {
            home: Some(project.value.clone()),
            ..Candidate::new(Fact::Platform, Origin::Platform, &name, what)
        }
    })
}

/// What is pushed to Cloud Foundry.
fn by_push(facts: &Facts) -> impl Iterator<Item = Candidate<'_>> {
    let pushed = facts.pushed.iter().filter(|one| !is_sample_manifest(&one.name.place.path));
    pushed.map(|Pushed { name, path }| {
        // What is built first, a `.jar`, may not be in the tree.
        let code = path.as_deref().and_then(|path| join(name.place.folder(), path));
        let code = code.filter(|code| code.is_empty() || facts.has_folder(code));
        let home = code_folder(code.as_deref().unwrap_or(name.place.folder())).to_owned();
        let what = format!("application `{}` of Cloud Foundry", **name);
        let mut candidate = Candidate::new(Fact::Platform, Origin::Platform, name, what);
        candidate.home = Some(home);
        candidate
    })
}

/// Places of what makes a platform run a service. A Procfile is none: developers start it too.
pub(crate) fn deploying(facts: &Facts) -> impl Iterator<Item = Place> {
    let is_platform = |path: &&std::sync::Arc<str>| {
        let name = last_part(path);
        is_file(name) && name != PROCFILE && !runs_nothing(path, facts)
    };
    let files = facts.paths.iter().filter(is_platform).map(|path| Place::file(path.clone()));
    let told = facts.hosted.iter().chain(facts.pushed.iter().map(|one| &one.name));
    files.chain(told.map(|one| one.place.clone()))
}

fn by_file<'f>(facts: &'f Facts, ties: &Ties) -> impl Iterator<Item = Candidate<'f>> {
    let packages: HashSet<&str> = facts.packages.iter().map(|p| p.place.folder()).collect();
    let is_platform = move |path: &str| {
        let name = last_part(path);
        let is_beside = BESIDE_PACKAGE.contains(&name) && packages.contains(folder_of(path));
        (is_file(name) || is_beside) && !is_sample_manifest(path)
    };
    facts.paths.iter().filter(move |path| is_platform(path)).map(|path| {
        let standing = standing(path, facts, ties);
        let elsewhere = started_elsewhere(path, facts).map(str::to_owned);
        let home = elsewhere.unwrap_or_else(|| code_folder(folder_of(path)).to_owned());
        let place = Place::file(path.clone());
        let worker = worker(path, facts).filter(|_| standing == Standing::Founds);
        let named = worker.and_then(|worker| worker.name.as_ref());
        let name = named.map_or(last_part(&home), |name| name.as_str()).to_owned();
        let name = Placed::new(name, place);
        let what = last_part(path).to_owned();
        Candidate {
            home: Some(home),
            standing,
            is_job: worker.is_some_and(|worker| worker.is_by_clock),
            ..Candidate::new(Fact::Platform, Origin::Platform, &name, what)
        }
    })
}

/// The folder of the code whose module a file starts, where no code stands beside the file and one
/// folder alone below it holds such a module: the platform is told in its own pages to build from there.
fn started_elsewhere<'f>(path: &str, facts: &'f Facts) -> Option<&'f str> {
    let around = folder_of(path);
    let packages = facts.packages.iter().map(|package| package.place.folder());
    let recipes = facts.dockerfiles.iter().map(|file| file.place.folder());
    let coded: BTreeSet<&str> = packages.chain(recipes).collect();
    let command = facts.platform_commands.iter().find(|one| *one.place.path == *path)?;
    let module = command.split_whitespace().find_map(module)?;
    let holds = |folder: &str| {
        let files = [format!("{module}.py"), format!("{module}/__init__.py")];
        files.iter().any(|file| join(folder, file).is_some_and(|file| facts.has_path(&file)))
    };
    if coded.contains(around) || holds(around) {
        return None;
    }
    let is_below = |folder: &&str| crate::path::is_below(folder, around) && holds(folder);
    let mut holding = coded.into_iter().filter(is_below);
    holding.next().filter(|_| holding.next().is_none()).map(code_folder)
}

/// The path of the module that a server of Python is told to load: `app/main` of `app.main:app`.
fn module(word: &str) -> Option<String> {
    let is_name = |text: &str| {
        text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            && text
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || b"_.()".contains(&letter))
    };
    let module = match word.split_once(':') {
        Some((module, object)) => Some(module).filter(|_| is_name(object)),
        None => {
            Some(word).filter(|word| matches!(word.rsplit_once('.'), Some((_, "asgi" | "wsgi"))))
        }
    };
    module.filter(|module| is_name(module)).map(|module| module.replace('.', "/"))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const COMPOSE: &str = "services:\n  api:\n    build: ./api\n    restart: always\n    \
                           command: gunicorn app.main:app\n";

    /// Names of the services of a tree whose file `name` in the root says `text`.
    fn found(name: &str, text: &str, more: &[(&str, &str)]) -> Vec<String> {
        let files = [
            (name, text),
            ("compose.yaml", COMPOSE),
            (
                "api/Dockerfile",
                "FROM python:3.14\nCOPY . .\nEXPOSE 80\nCMD [\"gunicorn\", \"app.main:app\"]\n",
            ),
            ("api/app/main.py", ""),
            ("web/Dockerfile", "FROM node:24\nCOPY . .\nEXPOSE 80\nCMD [\"node\", \"a.js\"]\n"),
        ];
        let mut facts = tree(&[&files, more].concat());
        facts.root_name = "acme-shop".into();
        discover(&facts).services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn a_platform_that_starts_a_module_of_one_folder_runs_its_code() {
        let joined = found(
            "railway.toml",
            "[deploy]\nstartCommand = \"migrate && gunicorn app.main:app -b 0.0.0.0:80\"\n",
            &[],
        );
        assert_eq!(joined.len(), 2, "{joined:?}");
        for (name, text) in [
            (
                "railway.json",
                "{\"deploy\": {\n\"startCommand\": \"uvicorn app.main:create()\",\n}}",
            ),
            ("Procfile", "worker: celery -A app\nweb: gunicorn app.main:app\n"),
            ("fly.toml", "app = 'shop'\n[processes]\n  app = 'gunicorn app.main:app'\n"),
        ] {
            assert_eq!(found(name, text, &[]), joined, "{name}");
        }
    }

    #[test]
    fn a_platform_beside_code_or_with_a_module_of_several_folders_runs_what_stands_beside_it() {
        let file = "[deploy]\nstartCommand = \"gunicorn app.main:app\"\n";
        let package = ("pyproject.toml", "[project]\nname = \"shop\"\n");
        let other = ("web/app/main.py", "");
        for (file, more) in [
            (file, package),
            (file, other),
            (&*file.replace("app.main", "app.other"), ("a.md", "")),
        ] {
            assert_eq!(found("railway.toml", file, &[more]).len(), 3, "{more:?}");
        }
    }
}

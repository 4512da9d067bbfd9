//! How images are built: Dockerfiles.

use std::collections::HashMap;

use model::{Place, Placed};

/// One Dockerfile.
#[derive(Clone, Debug, PartialEq)]
pub struct Dockerfile {
    /// The file, at its first instruction.
    pub place: Place,
    /// Arguments before the first stage, with their defaults as written; `None` where one has none.
    pub arguments: Vec<(String, Option<String>)>,
    /// Its stages in order; what runs in production is told by [`Self::lineage`].
    pub stages: Vec<Stage>,
}

/// One stage of a [`Dockerfile`].
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Base image (`rust:1.95@sha256:…`, or the name of an earlier stage), at its place. Variables
    /// are replaced where pipelines or the file give all of them a value, else it stands as written.
    pub base: Placed<String>,
    /// The base as written, where variables stand in it.
    pub written_base: Option<String>,
    /// Whether the base is an earlier stage of the same file, or `scratch`.
    pub is_local_base: bool,
    /// `AS name`.
    pub name: Option<String>,
    /// The last `USER`.
    pub user: Option<Placed<String>>,
    /// Ports of `EXPOSE`.
    pub ports: Vec<Placed<String>>,
    /// The last `HEALTHCHECK`: its command, or `NONE`.
    pub health_check: Option<Placed<String>>,
    /// What runs, and whether it is in shell form (signals reach the shell): the last `ENTRYPOINT`
    /// with the last `CMD` for its arguments, or the one of them that is there.
    pub entry: Option<(Placed<String>, bool)>,
    /// The last `SHELL`, its words with blanks between them.
    pub shell: Option<String>,
    /// `STOPSIGNAL`.
    pub stop_signal: Option<Placed<String>>,
    /// `ENV` and `ARG` with their values, empty for an `ARG` without default.
    pub environment: Vec<(String, Placed<String>)>,
    /// `RUN` bodies, here-documents included.
    pub runs: Vec<Placed<String>>,
    /// Images of `COPY --from=` and of mounts that are no stage of the file, and addresses that
    /// `ADD` loads without a `--checksum`.
    pub remote_sources: Vec<Placed<String>>,
    /// Earlier stages of the same file that it takes files from, by `COPY --from=` or mounts: their
    /// names or numbers.
    pub stage_sources: Vec<String>,
    /// Whether `COPY` or `ADD` puts anything into it.
    pub takes_files: bool,
    /// What of the folder that it is built from `COPY` and `ADD` put into it, as written.
    pub sources: Vec<String>,
}

impl Dockerfile {
    /// The stage that runs in production, the stage of this file that it builds on, and so on: what
    /// runs inherits from each of them what those before it leave open.
    ///
    /// It is the last one, unless that is called after tests, debugging or developing and one before
    /// it starts something and is not: then that is what is built with `--target` to be shipped.
    pub fn lineage(&self) -> impl Iterator<Item = &Stage> {
        self.lineage_from(self.shipped())
    }

    fn shipped(&self) -> Option<usize> {
        let last = self.stages.len().checked_sub(1)?;
        let is_aside = |index: usize| self.stages.get(index).is_some_and(Stage::is_beside_shipping);
        let starts =
            |index: usize| self.stages.get(index).is_some_and(|stage| stage.entry.is_some());
        let is_fit = |index: &usize| !is_aside(*index) && starts(*index);
        let earlier = || (0..last).rev().find(is_fit);
        is_aside(last).then(earlier).flatten().or(Some(last))
    }

    /// Whether what runs takes files and an earlier stage builds them, and it is not called after
    /// tests, debugging or developing.
    pub(crate) fn ships_built(&self) -> bool {
        let shipped = self.shipped().and_then(|index| self.stages.get(index));
        self.stages.len() > 1
            && shipped.is_some_and(|stage| stage.takes_files && !stage.is_beside_shipping())
    }

    /// As [`Self::lineage`], from the stage of this name; empty when there is none.
    pub fn lineage_of(&self, target: &str) -> impl Iterator<Item = &Stage> {
        self.lineage_from(self.stages.iter().rposition(|stage| stage.is_named(target)))
    }

    /// The stages that make what may be shipped, in their order: all but those that only tests,
    /// debugging or developing need, by the names of the stages that build on them or take their files.
    pub fn shipped_stages(&self) -> impl Iterator<Item = &Stage> {
        let links = self.links();
        let mut is_needed = vec![false; links.len()];
        for source in links.iter().flatten() {
            is_needed.get_mut(*source).into_iter().for_each(|needed| *needed = true);
        }
        let ends = self.stages.iter().zip(&is_needed).enumerate();
        let ends = ends.filter(|(_, (stage, needed))| {
            !**needed && !stage.is_beside_shipping() && !stage.is_bare()
        });
        let mut open: Vec<usize> = ends.map(|(index, _)| index).chain(self.shipped()).collect();
        let mut is_shipped = vec![false; links.len()];
        while let Some(index) = open.pop() {
            let Some(known) = is_shipped.get_mut(index) else { continue };
            if !std::mem::replace(known, true) {
                open.extend(links.get(index).into_iter().flatten());
            }
        }
        self.stages.iter().zip(is_shipped).filter(|(_, shipped)| *shipped).map(|(stage, _)| stage)
    }

    /// Of each stage the earlier ones that it builds on or takes files from.
    fn links(&self) -> Vec<Vec<usize>> {
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut links = Vec::with_capacity(self.stages.len());
        for (index, stage) in self.stages.iter().enumerate() {
            let sources = stage.stage_sources.iter().chain(Some(&stage.base.value));
            let named = sources.filter_map(|name| {
                let number = || name.parse().ok().filter(|number| *number < index);
                known.get(&name.to_ascii_lowercase()).copied().or_else(number)
            });
            links.push(named.collect());
            known.extend(stage.name.as_ref().map(|name| (name.to_ascii_lowercase(), index)));
        }
        links
    }

    fn lineage_from(&self, first: Option<usize>) -> impl Iterator<Item = &Stage> {
        std::iter::successors(first, |&index| self.base_of(index))
            .filter_map(|index| self.stages.get(index))
    }

    /// The stage before `index` whose name is the base of that one.
    fn base_of(&self, index: usize) -> Option<usize> {
        let base = &self.stages.get(index)?.base;
        self.stages.get(..index)?.iter().rposition(|stage| stage.is_named(base))
    }
}

impl Stage {
    /// Whether it is called after what is done with an image before it is shipped, or in its place.
    fn is_beside_shipping(&self) -> bool {
        const WORDS: &[&str] = &[
            "ci",
            "cypress",
            "debug",
            "dev",
            "develop",
            "development",
            "e2e",
            "lint",
            "local",
            "playwright",
            "storybook",
            "test",
            "tester",
            "testing",
            "tests",
        ];
        let is_word = |word: &str| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
        self.name.as_deref().is_some_and(|name| name.split(['-', '_', '.']).any(is_word))
    }

    /// Whether it is the image that it begins with and no more: nobody builds that to ship it.
    fn is_bare(&self) -> bool {
        self.runs.is_empty() && self.entry.is_none() && self.ports.is_empty() && !self.takes_files
    }

    /// Names of stages do not differ by case.
    fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

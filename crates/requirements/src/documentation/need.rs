//! What a README has to say, and how it is recognised.

use super::commands;
use crate::prose;

/// Something that a README has to say, and how it is recognised.
pub(super) struct Need {
    /// What is asked, to stand after "say".
    pub(super) what: &'static str,
    /// Headings under which it is looked for.
    pub(super) headings: &'static [&'static str],
    /// Words of headings that are about something else all the same.
    pub(super) beside: &'static [&'static str],
    /// Words in the path of a page that answers it.
    pub(super) pages: &'static [&'static str],
    /// Commands that answer it wherever they stand.
    pub(super) commands: &'static [&'static str],
}

/// How to get it ready to be run.
pub(super) static SET_UP: Need = Need {
    what: "how to set it up",
    headings: &[
        "bootstrap*",
        "build*",
        "dependencies",
        "develop",
        "developing",
        "development",
        "get started",
        "getting started",
        "install*",
        "local",
        "locally",
        "pre requisite",
        "prerequisite",
        "quick start",
        "quickstart",
        "requirement",
        "setting up",
        "set up",
        "setup",
    ],
    beside: &[],
    pages: &["getting started", "install*", "quick start", "quickstart", "set up", "setup"],
    commands: commands::SET_UP,
};

/// How to start it.
pub(super) static RUN: Need = Need {
    what: "how to run it",
    headings: &[
        "bootstrap*",
        "command",
        "demo",
        "develop",
        "developing",
        "development",
        "docker compose",
        "get started",
        "getting started",
        "local",
        "locally",
        "quick start",
        "quickstart",
        "run",
        "running",
        "start",
        "starting",
        "usage",
        "use",
        "using",
    ],
    beside: &[],
    pages: &["getting started", "quick start", "quickstart", "run", "running", "usage"],
    commands: commands::RUN,
};

/// How to bring it to its users.
pub(super) static DEPLOY: Need = Need {
    what: "how to deploy it",
    headings: &[
        "cd",
        "ci/cd",
        "continuous delivery",
        "continuous deployment",
        "deploy*",
        "going live",
        "helm",
        "hosting",
        "kubernetes",
        "production",
        "publish*",
        "release",
        "releasing",
        "roll out",
        "rollout",
        "self host*",
        "ship",
        "shipping",
    ],
    beside: &[
        "access",
        "against",
        "changelog",
        "check*",
        "crate",
        "credential*",
        "data",
        "debug*",
        "event",
        "import*",
        "latest",
        "local",
        "locally",
        "log",
        "logging",
        "logs",
        "message",
        "metric*",
        "monitor*",
        "note",
        "notes",
        "package",
        "previous",
        "recent",
        "reprovision*",
        "search*",
        "secret*",
        "state",
        "status",
        "strateg*",
        "topic",
        "troubleshoot*",
        "upcoming",
    ],
    pages: &["deploy*", "kubernetes", "releasing", "self host*"],
    commands: commands::DEPLOY,
};

/// How to use it: asked of libraries in place of running and deploying.
pub(super) static USE: Need = Need {
    what: "how to use it",
    headings: &[
        "api",
        "example",
        "get started",
        "getting started",
        "how to",
        "quick start",
        "quickstart",
        "tutorial",
        "usage",
        "use",
        "using",
    ],
    beside: &[],
    pages: &["getting started", "quick start", "quickstart", "tutorial", "usage"],
    commands: &[],
};

/// Whether a heading is on setting it up, on running or on deploying it.
pub(super) fn is_on_work(title: &str) -> bool {
    let needs = [&SET_UP, &RUN, &DEPLOY];
    needs.iter().any(|need| prose::mentions(title, need.headings))
}

//! `gonogo policy`.

use std::fmt::Write as _;
use std::path::Path;

use engine::{Deadline, Ground, PolicyChoice, Settings};
use jiff::Timestamp;
use model::{OwnRequirement, Policy, ServiceVerdict, counted};
use sources::Limits;

use crate::arguments::{Global, PolicyCommand};
use crate::failure::Failure;
use crate::{files, terminal};

pub(crate) fn run(command: &PolicyCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        PolicyCommand::Show { policy } => show(&load(policy)?),
        PolicyCommand::Fields => {
            terminal::print(&engine::policy::fields())?;
            Ok(0)
        }
        PolicyCommand::Try { policy, tree, at } => {
            let now = at.unwrap_or_else(Timestamp::now);
            try_out(load(policy)?, &tree.path, now, global)
        }
    }
}

/// The policy called `name`; without a name, the one that the tree declares.
pub(crate) fn choose(name: Option<&str>) -> Result<PolicyChoice, Failure> {
    name.map_or(Ok(PolicyChoice::Declared), |name| Ok(PolicyChoice::Given(Box::new(load(name)?))))
}

/// The policy called `name`: a starter policy, or the file of that name.
pub(crate) fn load(name: &str) -> Result<Policy, Failure> {
    if let Some(policy) = engine::policy::starter(name) {
        return Ok(policy);
    }
    let text = files::read(Path::new(name)).map_err(|error| {
        Failure::usage(format!(
            "`{name}` is no starter policy and cannot be read as a file: {error}"
        ))
        .hint(format!("the starter policies are {}", engine::policy::STARTERS.join(", ")))
    })?;
    Ok(engine::policy::read(name, &text)?)
}

fn show(policy: &Policy) -> Result<u8, Failure> {
    let identity = engine::policy::identify(policy);
    let title = format!("policy {} {} ({})", identity.name, identity.version, identity.digest);
    let mut text = report::clean(&title) + "\n\n";
    let tiers = |blocks: [bool; 3]| {
        let blocking: Vec<String> =
            (1..=3).zip(blocks).filter(|(_, b)| *b).map(|(t, _)| t.to_string()).collect();
        if blocking.is_empty() {
            "no tier".to_owned()
        } else {
            format!("tier {}", blocking.join(", "))
        }
    };
    let _ =
        writeln!(text, "a service that declares no tier is judged as tier {}", policy.default_tier);
    let _ = writeln!(
        text,
        "stale evidence is a condition for {}, then blocks",
        counted(policy.grace_days, "day")
    );
    let _ =
        writeln!(text, "a plan leaves its requirement blocking at {}", tiers(policy.plans_block));
    for (tier, days) in (1..=3).zip(policy.acceptance_days) {
        let approvers = &policy.approvers[tier - 1];
        let who = if approvers.is_empty() {
            "anybody named".to_owned()
        } else {
            report::clean(&approvers.join(", "))
        };
        let _ = writeln!(
            text,
            "a risk at tier {tier} may be accepted by {who} for {} at most",
            counted(days, "day")
        );
    }
    text.push_str(
        "\nthe weakest evidence that counts: claimed by a person, declared by files, observed in a \
         live system, proven by a drill\n/30: at most 30 days old; -: not asked\n",
    );
    let _ = writeln!(
        text,
        "\n{:<42} {:<14} {:<14} {:<14}",
        "requirement", "tier 1", "tier 2", "tier 3"
    );
    for shown in engine::policy::show(policy) {
        let [one, two, three] = &shown.tiers;
        let line =
            format!("{:<42} {one:<14} {two:<14} {three:<14} {}", shown.requirement, shown.note);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for (id, own) in &policy.own {
        text.push_str(&own_requirement(id, own));
    }
    terminal::print(&text)?;
    Ok(0)
}

/// A requirement of the organisation in full: no other page shows it.
pub(super) fn own_requirement(id: &str, own: &OwnRequirement) -> String {
    let mut text = format!("\n{id}: this service is ready when {}\n", report::clean(&own.title));
    let mut line = |key: &str, value: &str| {
        let value: Vec<String> = value.trim_end().lines().map(report::clean).collect();
        let _ = writeln!(text, "  {key:<8} {}", value.join("\n           "));
    };
    line("why", &own.why);
    line("each", own.each.name());
    if let Some(condition) = &own.condition {
        line("where", condition);
    }
    line("holds", &own.holds);
    line("message", &own.message);
    line("remedy", &own.remedy);
    text
}

fn try_out(policy: Policy, root: &Path, now: Timestamp, global: &Global) -> Result<u8, Failure> {
    let settings = |policy| Settings {
        now,
        policy,
        limits: Limits::default(),
        only: Vec::new(),
        reproduce: format!("gonogo check {}", root.display()),
        deadline: Deadline::after(Deadline::USUAL),
    };
    let name = report::clean(&policy.name);
    let today = engine::assess(root, &settings(PolicyChoice::Declared))?;
    let tried = engine::assess(root, &settings(PolicyChoice::Given(Box::new(policy))))?;
    let mut flips = 0;
    let mut text = String::new();
    for (before, after) in today.verdicts.services.iter().zip(&tried.verdicts.services) {
        flips += usize::from(before.verdict != after.verdict);
        let _ = writeln!(
            text,
            "{}: {} today, {} under {name}; to GO: {} today, {} under {name}",
            report::clean(&before.service),
            before.verdict,
            after.verdict,
            cost(before),
            cost(after)
        );
    }
    terminal::print(&text)?;
    let services = tried.verdicts.services.len();
    terminal::print(&format!("{flips} of {} would change\n", counted(services, "verdict")))?;
    if services == 0 {
        terminal::say("no service was found in this tree", global);
        return Ok(3);
    }
    Ok(0)
}

/// How many steps a service is from GO, and what they cost.
fn cost(service: &ServiceVerdict) -> String {
    let steps = engine::next(service, &Ground::default());
    let minutes: u32 = steps.iter().map(|step| step.effort_min).sum();
    format!("{}, {}", counted(steps.len(), "step"), report::effort(minutes))
}

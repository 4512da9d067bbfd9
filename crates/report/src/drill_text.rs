//! What a drill found, as text for a terminal.

use std::fmt::Write as _;

use drills::{Account, Outcome, Proof, Shortfall};
use model::Finding;

use crate::untold::{Untold, untold};
use crate::visible::clean;

/// What was found out, worst last, then the notes and the last line. `finding` gives the place of a shortfall.
pub fn drill_text(account: &Account, finding: impl Fn(&Shortfall) -> Finding) -> String {
    let mut text = drill_proofs(&account.proofs, finding);
    for note in &account.notes {
        let _infallible = writeln!(text, "note: {}", clean(note));
    }
    let _infallible = writeln!(text, "\n{}", clean(&drill_line(account)));
    text
}

/// What each of `proofs` says, worst last. `finding` gives the place of a shortfall.
pub fn drill_proofs(proofs: &[Proof], finding: impl Fn(&Shortfall) -> Finding) -> String {
    let mut text = String::new();
    for proof in proofs.iter().filter(|proof| proof.outcome == Outcome::Kept) {
        head(&mut text, &proof.outcome, proof.requirement);
        proof.seen.iter().for_each(|seen| line(&mut text, seen));
    }
    for untold in &untold(proofs) {
        not_told(&mut text, untold);
    }
    for proof in proofs {
        let Outcome::FellShort(shortfalls) = &proof.outcome else { continue };
        head(&mut text, &proof.outcome, proof.requirement);
        for shortfall in shortfalls {
            let finding = finding(shortfall);
            line(&mut text, &finding.message);
            line(&mut text, &format!("  at {}", finding.place));
            line(&mut text, &format!("  help: {}", shortfall.help));
        }
    }
    text
}

fn not_told(text: &mut String, untold: &Untold<'_>) {
    for (proof, own) in &untold.proofs {
        head(text, &proof.outcome, proof.requirement);
        if let Some(own) = own {
            line(text, own);
        }
    }
    if let Some(shared) = untold.of_all() {
        line(text, &shared);
    }
}

fn head(text: &mut String, outcome: &Outcome, requirement: &str) {
    let _infallible = writeln!(text, "{:<13} {requirement}", word(outcome));
}

fn line(text: &mut String, said: &str) {
    let _infallible = writeln!(text, "              {}", clean(said));
}

/// The last line about a drill, with its counts.
pub(crate) fn drill_line(account: &Account) -> String {
    let count =
        |wanted: &str| account.proofs.iter().filter(|proof| word(&proof.outcome) == wanted).count();
    format!(
        "drill {} of `{}`: {} kept, {} fell short, {} inconclusive",
        account.drill,
        account.service,
        count("kept"),
        count("fell short"),
        count("inconclusive"),
    )
}

/// What an outcome is called.
pub(crate) fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Kept => "kept",
        Outcome::Inconclusive(_) => "inconclusive",
        Outcome::FellShort(_) => "fell short",
    }
}

#[cfg(test)]
mod tests {
    use drills::Subject;
    use model::Place;

    use super::*;

    #[test]
    fn a_reason_of_several_requirements_is_told_once_below_their_names() {
        let busy = "this machine was too busy: the generator was late";
        let proofs = [
            Proof::inconclusive("reliability/no-cascade", busy),
            Proof::inconclusive("reliability/circuit-breaker", "too few calls"),
            Proof::inconclusive("reliability/self-recovery", format!("{busy}; it ended")),
            Proof::inconclusive("reliability/failure-modes", busy),
        ];
        let nowhere = |_: &Shortfall| unreachable!("nothing fell short");
        let told = "\
inconclusive  reliability/no-cascade
inconclusive  reliability/self-recovery
              it ended
inconclusive  reliability/failure-modes
              all 3: this machine was too busy: the generator was late
inconclusive  reliability/circuit-breaker
              too few calls
";
        assert_eq!(drill_proofs(&proofs, nowhere), told);
    }

    #[test]
    fn what_fell_short_stands_last_with_its_place_and_notes_follow() {
        let shortfall = Shortfall {
            about: Subject::Service,
            message: "a request hung".into(),
            help: "set a timeout".into(),
        };
        let account = Account {
            drill: "fault",
            service: "orders".into(),
            began_at: jiff::Timestamp::UNIX_EPOCH,
            steps: Vec::new(),
            proofs: vec![
                Proof::judged("reliability/outbound-timeouts", vec![shortfall], Vec::new()),
                Proof::inconclusive("reliability/circuit-breaker", "too few calls"),
                Proof::kept("reliability/self-recovery", vec!["back after 1 s".into()]),
            ],
            charts: Vec::new(),
            notes: vec!["rows stay".into()],
            left_out: Vec::new(),
        };
        let finding = |shortfall: &Shortfall| {
            Finding::at(&Place::point("gonogo.yaml", 7, 5), shortfall.message.clone())
        };
        let told = "\
kept          reliability/self-recovery
              back after 1 s
inconclusive  reliability/circuit-breaker
              too few calls
fell short    reliability/outbound-timeouts
              a request hung
                at gonogo.yaml:7:5
                help: set a timeout
note: rows stay

drill fault of `orders`: 1 kept, 1 fell short, 1 inconclusive
";
        assert_eq!(drill_text(&account, finding), told);
    }
}

//! `gonogo ledger`.

use ledger::{FileLedger, Filed, Record};
use model::{Ruling, counted};

use crate::arguments::{Global, LedgerCommand};
use crate::failure::{Failure, UNDECIDED};
use crate::terminal;

pub(crate) fn run(command: &LedgerCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        LedgerCommand::Verify { tree } => verify(&engine::ledger_of(&tree.path)?, global),
        LedgerCommand::List { tree } => list(&engine::ledger_of(&tree.path)?, global),
    }
}

fn verify(ledger: &FileLedger, global: &Global) -> Result<u8, Failure> {
    let history = ledger.history()?;
    for fault in &history.faults {
        terminal::print(&report::clean(&format!("{} {}", fault.name, fault.what)))?;
        terminal::print("\n")?;
    }
    let (entries, faults) = (history.entries.len(), history.faults.len());
    if faults > 0 {
        terminal::print(&format!(
            "BROKEN: {} in {}\n",
            counted(faults, "fault"),
            counted(entries, "entry")
        ))?;
        return Ok(UNDECIDED);
    }
    terminal::print(&format!("INTACT: {}\n", counted(entries, "entry")))?;
    if entries == 0 {
        terminal::say("nothing is recorded yet: see `gonogo attest --help`", global);
    }
    Ok(0)
}

fn list(ledger: &FileLedger, global: &Global) -> Result<u8, Failure> {
    let history = ledger.verified()?;
    let text: String = history.entries.iter().map(line).collect();
    terminal::print(&text)?;
    if history.entries.is_empty() {
        terminal::say("nothing is recorded yet: see `gonogo attest --help`", global);
    }
    Ok(0)
}

fn line(filed: &Filed) -> String {
    let (at, service, requirement, what) = match &filed.entry.record {
        Record::Decision(decision) => {
            let until = decision.ruling.last_day().map(|day| format!(" until {day}"));
            let taken = match &decision.ruling {
                Ruling::Acceptance { approver, .. } => format!(", the risk taken by {approver}"),
                Ruling::Plan { owner, .. } => format!(", seen to by {owner}"),
                _ => String::new(),
            };
            let what = format!(
                "{} by {}{}{taken}",
                decision.ruling.name(),
                decision.by,
                until.unwrap_or_default()
            );
            (decision.at, decision.service.as_str(), decision.requirement.as_str(), what)
        }
        Record::Evidence(evidence) => {
            let service = filed.entry.subject.first().map_or("", |subject| subject.name.as_str());
            let what = format!("{} evidence from {}", evidence.grade, evidence.source);
            (evidence.at, service, evidence.requirement.as_str(), what)
        }
    };
    let text = format!("{:>4}  {at:.0}  {service}  {requirement}  {what}", filed.entry.sequence);
    report::clean(&text) + "\n"
}

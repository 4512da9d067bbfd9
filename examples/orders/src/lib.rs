//! A sample service: it takes orders, keeps them in a database, charges them at one downstream service and tells another of them.
//!
//! It is good in every point that drills look at. Each [`Defect`] makes it bad in exactly one, so that drills can be tried, and tested, on it.
//! What it depends on comes along as stand-ins: a database that speaks the protocol of `PostgreSQL`, payments and audit.

mod breaker;
mod chance;
mod database;
mod defect;
mod downstream;
mod health;
mod log;
mod metrics;
mod orders;
mod routes;
mod serve;
mod settings;
mod shop;
mod stand_in;
mod trace;

pub use defect::Defect;
pub use serve::serve;
pub use settings::Settings;
pub use stand_in::{StandIn, stand_in};

/// Runs one part of the sample: `serve`, `database`, `payments` or `audit`, the last three with the port that they listen on.
///
/// The service itself takes its settings from the environment. Returns 2 with a line on standard error when they are wrong.
pub fn run(arguments: &[String]) -> u8 {
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => Settings::from_environment(|name| std::env::var(name).ok())
            .and_then(|settings| serve::run(&settings)),
        [name, port] => StandIn::named(name).and_then(|part| stand_in::run(part, port)),
        _ => Err("usage: orders serve | orders database|payments|audit PORT".to_owned()),
    };
    match outcome {
        Ok(()) => 0,
        Err(reason) => {
            log::refuse(&reason);
            2
        }
    }
}

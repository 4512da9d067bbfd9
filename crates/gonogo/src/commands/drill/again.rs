//! The command that does the same once more, as a shell takes it.

use drills::Service;
use drills::load_drill::UpTo;
use engine::Drill;

use crate::arguments::Drilling;

/// The command that carries `drill` out again.
pub(super) fn reproduce(drilling: &Drilling, service: &Service, drill: &Drill) -> String {
    let more = match drill {
        Drill::Fault(settings) => {
            let dependency = settings.dependency.iter().map(|name| option("--dependency", name));
            let fault = settings.fault.iter().map(|words| option("--fault", words));
            dependency.chain(fault).collect()
        }
        Drill::Lifecycle(_) | Drill::Observe(_) => String::new(),
        Drill::Load(settings) => {
            let peak =
                settings.peak_per_s.map_or_else(String::new, |peak| format!(" --peak {peak}/s"));
            let up_to = match settings.up_to {
                Some(UpTo::Rate(rate)) => format!(" --up-to {rate}/s"),
                Some(UpTo::Times(times)) => format!(" --up-to {times}x"),
                None => String::new(),
            };
            format!(" --duration {}s{peak}{up_to}", settings.duration.as_secs_f64())
        }
    };
    let name = drilling.service.as_ref().map_or_else(String::new, |name| option("--service", name));
    let target = |at| option("--target", &service.at(at).to_string());
    let target = drill.target().map_or_else(String::new, target);
    format!("gonogo drill {}{name}{target}{more} --seed {}", drill.name(), drilling.seed)
}

/// An option with its value, after a blank.
fn option(name: &str, value: &str) -> String {
    format!(" {name} {}", quoted(value))
}

/// `text` as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let is_tame = |letter: char| !"\"$`\\!".contains(letter) && !letter.is_control();
    if text.chars().all(is_tame) {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use drills::fault::FaultSettings;

    use super::*;

    #[test]
    fn a_name_with_a_blank_stays_one_word() {
        let drilling = Drilling {
            path: ".".into(),
            service: Some("the shop".to_owned()),
            seed: 1,
            yes: false,
            no_record: false,
            html: None,
        };
        let settings = FaultSettings {
            dependency: Some("a b".to_owned()),
            fault: Some("does not answer".to_owned()),
            ..FaultSettings::default()
        };
        assert_eq!(
            reproduce(&drilling, &Service::default(), &Drill::Fault(settings)),
            "gonogo drill fault --service \"the shop\" --dependency \"a b\" --fault \"does not answer\" --seed 1"
        );
    }

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted("orders-db"), "orders-db");
        assert_eq!(quoted("http://[::1]:80"), "\"http://[::1]:80\"");
        assert_eq!(quoted("does not answer"), "\"does not answer\"");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted(""), "\"\"");
        assert_eq!(quoted("$(x) it's"), r"'$(x) it'\''s'");
    }
}

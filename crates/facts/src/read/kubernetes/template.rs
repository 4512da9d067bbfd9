//! Manifests that are templates: nothing renders them here, so they are named as not read.

use std::borrow::Cow;
use std::sync::LazyLock;

use model::{Place, Placed};
use regex::Regex;

use crate::read::Source;
use crate::tree::{is_templated, is_templated_outside_of_quotes};
use crate::{Facts, Gap, Subject};

use super::sniff;

/// What a template of a chart is said to be.
pub(super) const OF_CHART: &str = "is an unrendered Helm template";

/// What any other template is said to be.
pub(super) const OF_OTHERS: &str = "is a template that was not rendered";

/// Folder of a chart that holds its templates.
const FOLDER: &str = "templates";

/// Whether the file is an unrendered template of manifests.
///
/// In the folder of a chart's templates every action makes one; elsewhere only those that stand
/// where YAML would have a node.
pub(in crate::read) fn is_template(source: Source<'_>) -> bool {
    let is_one = if is_in_folder(source) { has_action(source.text) } else { false };
    let is_one = is_one
        || if gives_values(source.text) {
            is_templated_outside_of_quotes(source.text).is_some()
        } else {
            is_templated(source.text).is_some()
        }
        || has_open_name(source.text);
    is_one && !sniff::subjects(source.text).is_empty()
}

/// Whether some object is to be named before it is applied, as scripts do it: `name: {name}`.
fn has_open_name(text: &str) -> bool {
    text.lines().any(|line| {
        let name = line.trim().strip_prefix("name: {").and_then(|rest| rest.strip_suffix('}'));
        name.is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    })
}

/// A manifest of nais as it is read: nais fills the image in when it deploys, which `{{image}}`
/// stands for; nothing else of such a file is open. Places stay as they are.
pub(in crate::read) fn with_image(text: &str) -> Cow<'_, str> {
    let is_of_nais =
        || text.lines().any(|line| VERSIONS.iter().any(|start| line.starts_with(start)));
    match IMAGE.as_ref() {
        Some(image) if is_of_nais() => image.replace_all(text, "$key\"{{$name}}\""),
        _ => Cow::Borrowed(text),
    }
}

/// How the version of an object of nais begins, in the ways that YAML has.
static VERSIONS: [&str; 3] =
    ["apiVersion: nais.io/", "apiVersion: \"nais.io/", "apiVersion: 'nais.io/"];

/// The image of an application, as nothing but the name of a variable.
static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?<key>  +image: *)\{\{(?<name> *\.?[A-Za-z_][A-Za-z0-9_]* *)\}\}").ok()
});

/// The documents of a file that are no templates, and those that are, each with the other ones
/// blanked out, so that places stay as they are; `None` where all are, or where what is filled in may
/// reach from one document into the next.
pub(in crate::read) fn parted(source: Source<'_>) -> Option<(String, String)> {
    let is_control = |line: &str| {
        let line = line.trim_start();
        line.starts_with("{{") || line.starts_with("{%")
    };
    if is_in_folder(source) || source.text.lines().any(is_control) {
        return None;
    }
    let (mut plain, mut templated) = (String::new(), String::new());
    for document in documents(source.text) {
        let blank = "\n".repeat(document.matches('\n').count());
        let is_one = is_templated(document).is_some() || has_open_name(document);
        plain.push_str(if is_one { &blank } else { document });
        templated.push_str(if is_one { document } else { &blank });
    }
    (!sniff::subjects(&plain).is_empty()).then_some((plain, templated))
}

/// The documents of a text, each with the line that it begins after the first.
fn documents(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" && at > start {
            found.extend(text.get(start..at));
            start = at;
        }
        at += line.len();
    }
    found.extend(text.get(start..));
    found
}

/// Names the template as not read.
pub(in crate::read) fn name_template(source: Source<'_>, facts: &mut Facts) {
    if is_in_folder(source) && source.folder().ends_with("templates/tests") {
        // The pods that Helm starts to test a release.
        return;
    }
    let line = is_templated(source.text).unwrap_or(1);
    let is_of_chart = is_in_folder(source) && !is_of_jinja(source.text);
    let written = written_name(source.text);
    let name = written.as_ref().map(|(name, ..)| name.clone());
    let gap = |subject| Gap {
        subject: Some(subject),
        place: Place::point(source.path.clone(), line, 1),
        reason: if is_of_chart { OF_CHART } else { OF_OTHERS }.to_owned(),
        name: if is_of_chart { chart_folder(source) } else { name.clone() },
    };
    let owners = names_team(source.text).then_some(Subject::Owners);
    let subjects = if sniff::is_of_entrances(source.text) {
        vec![Subject::Entrances]
    } else {
        sniff::subjects(source.text)
    };
    facts.gaps.extend(subjects.into_iter().chain(owners).map(gap));
    if sniff::starts_something(source.text) && !(is_of_chart && sniff::is_hook(source.text)) {
        // What is said of the service stands where it is named, and not where the text became a template.
        let (name, line, column) = written.unwrap_or((String::new(), line, 1));
        let place = Place::point(source.path.clone(), line, column);
        facts.templates.push(Placed::new(name, place));
    }
}

/// Whether the text holds an object that gives values to a chart, which may render them once more.
fn gives_values(text: &str) -> bool {
    let kinds = ["HelmRelease", "HelmChart", "HelmChartConfig", "Application"];
    let mut written = text.lines().filter_map(|line| line.strip_prefix("kind:"));
    written.any(|kind| kinds.contains(&kind.trim()))
}

fn is_in_folder(source: Source<'_>) -> bool {
    source.folder().split('/').any(|part| part == FOLDER)
}

/// Whether Ansible fills it in, whose roles keep templates in a folder of the same name.
fn is_of_jinja(text: &str) -> bool {
    let is_statement = |line: &str| line.starts_with("{%");
    text.lines().any(|line| is_statement(line.trim_start()))
}

/// Whether there is an action that is not one of GitHub's or Backstage's `${{`.
fn has_action(text: &str) -> bool {
    let mut found = memchr::memmem::find_iter(text.as_bytes(), b"{{");
    found.any(|at| !text.get(..at).is_some_and(|before| before.ends_with('$')))
}

/// The last part of the path of the chart that the template belongs to.
fn chart_folder(source: Source<'_>) -> Option<String> {
    let mut parts = source.folder().rsplit('/').skip_while(|part| *part != FOLDER).skip(1);
    parts.next().map(str::to_owned)
}

/// Whether a label or annotation names the team, as platforms ask it of manifests.
fn names_team(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(' ') && line.trim_start().starts_with("team:"))
}

/// The first name in the metadata of a manifest, where it is no action itself, with its line and column.
fn written_name(text: &str) -> Option<(String, u32, u32)> {
    let lines = (1..).zip(text.lines());
    let mut lines = lines.skip_while(|(_, line)| line.trim_end() != "metadata:").skip(1);
    let (number, line, rest) = lines.find_map(|(number, line)| {
        Some((number, line, line.trim_start().strip_prefix("name:")?))
    })?;
    let name = rest.trim().trim_matches(['"', '\'']);
    let is_plain = !name.is_empty() && !name.contains(['{', '}', '$', '<']);
    let before = line.len() - rest.trim_start().len();
    let column = u32::try_from(line.get(..before)?.chars().count()).ok()? + 1;
    is_plain.then(|| (name.to_owned(), number, column))
}

#[cfg(test)]
mod tests {
    use super::super::at;
    use crate::{Facts, Subject};

    #[test]
    fn what_a_script_is_to_name_is_a_template() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec: {}\n";
        let facts = read("k8s/production/deployment.yaml", text);
        assert_eq!((facts.workloads.len(), facts.templates.len()), (0, 1));
        assert!(facts.gaps.iter().any(|gap| gap.subject == Some(Subject::Workloads)));
        let facts = read("k8s/a.yaml", &text.replace("{name}", "till"));
        assert_eq!(facts.templates.len(), 0);
    }

    fn read(path: &str, text: &str) -> Facts {
        crate::read(&path.into(), text.as_bytes())
    }

    #[test]
    fn templates_of_a_chart_are_gaps_of_that_chart() {
        let text =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n";
        let facts = read("deploy/checkout/templates/web/deployment.yaml", text);
        let gap = &facts.gaps[0];
        assert_eq!(
            (gap.subject, gap.name.as_deref()),
            (Some(Subject::Workloads), Some("checkout"))
        );
        assert_eq!((at(&gap.place), facts.gaps.len()), ("4:1".into(), 1));
        let quoted = "apiVersion: v1\nkind: Service\nmetadata:\n  name: \"{{ $name }}\"\n";
        assert_eq!(read("a/templates/s.yaml", quoted).gaps.len(), 1);
        let call = "{{ include \"common.all\" . }}\n";
        assert_eq!(read("a/templates/all.yaml", call).gaps.len(), 1);
    }

    #[test]
    fn templates_of_a_role_of_ansible_are_none_of_a_chart() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ name }}\n";
        let reason = |text: &str, beside: &str| {
            let files = [("k8s/till/templates/run.yaml", text), (beside, "- name: Install it\n")];
            crate::discover::tests::tree(&files).gaps[0].reason.clone()
        };
        assert_eq!(reason(text, "k8s/till/values.yaml"), super::OF_CHART);
        assert_eq!(reason(text, "k8s/till/tasks/main.yml"), super::OF_OTHERS);
        let statement = format!("{text}{{% if x %}}\nspec: {{}}\n{{% endif %}}\n");
        assert_eq!(reason(&statement, "k8s/till/values.yaml"), super::OF_OTHERS);
    }

    #[test]
    fn the_subject_of_a_template_is_that_of_its_kinds() {
        let rules = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: {{ x }}\n";
        assert_eq!(read("a/templates/r.yaml", rules).gaps[0].subject, Some(Subject::Alerts));
        let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {{ x }}\n";
        assert_eq!(read("a/templates/s.yaml", account).gaps, []);
        let test = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ x }}\n";
        assert_eq!(read("a/templates/tests/t.yaml", test).gaps, []);
    }

    #[test]
    fn a_template_that_names_the_team_may_name_the_owner() {
        let text = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata:\n  name: api\n  \
                    labels:\n    team: sales\nspec:\n  port: {{port}}\n";
        let facts = read(".nais/app.yaml", text);
        assert!(facts.gaps.iter().any(|gap| gap.subject == Some(Subject::Owners)));
    }

    #[test]
    fn other_templates_carry_the_name_that_is_written_in_them() {
        let text = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata:\n  name: api\nspec:\n  port: {{port}}\n";
        let facts = read(".nais/app.yaml", text);
        let gap = &facts.gaps[0];
        assert_eq!((gap.name.as_deref(), gap.reason.as_str()), (Some("api"), super::OF_OTHERS));
        assert_eq!((at(&gap.place), at(&facts.templates[0].place)), ("6:1".into(), "4:9".into()));
    }

    #[test]
    fn an_application_of_nais_that_leaves_nothing_but_its_image_open_is_read() {
        let text = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata:\n  name: api\nspec:\n  image: {{ image }}\n  port: 8090\n";
        let facts = read(".nais/app.yaml", text);
        let image = facts.workloads[0].containers[0].image.as_ref().unwrap();
        assert_eq!((image.value.as_str(), at(&image.place)), ("{{ image }}", "6:10".to_owned()));
        assert_eq!((facts.gaps.len(), facts.templates.len()), (0, 0));
        let quoted = text.replace("nais.io/v1alpha1", "\"nais.io/v1alpha1\"");
        assert_eq!(read(".nais/app.yaml", &quoted).workloads.len(), 1);
        let more = text.replace("8090", "{{port}}");
        assert_eq!(read(".nais/app.yaml", &more).gaps[0].reason, super::OF_OTHERS);
        let other = text.replace("nais.io", "example.org");
        assert_eq!(read(".nais/app.yaml", &other).workloads, []);
    }

    #[test]
    fn documents_beside_the_one_that_is_a_template_are_read() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  containers:\n  - name: api\n    \
                    image: api:1\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  \
                    annotations:\n    sources: {{ addresses|join(',') }}\n---\napiVersion: v1\nkind: ConfigMap\n\
                    metadata:\n  name: settings\n";
        let facts = read("deploy/production.yml", text);
        assert_eq!(facts.workloads[0].name.value, "api");
        assert_eq!(at(&facts.cluster.config_maps[0].name.place), "20:9");
        assert_eq!(facts.gaps[0].subject, Some(Subject::Entrances));
        assert!(
            facts.gaps.iter().all(|gap| (at(&gap.place), gap.reason.as_str())
                == ("15:1".to_owned(), super::OF_OTHERS))
        );
        assert_eq!((facts.templates.len(), facts.gaps.is_empty()), (0, false));
        let reaching = text.replace("kind: Pod", "kind: Pod\n{{ if web }}");
        assert_eq!(read("deploy/production.yml", &reaching).workloads, []);
    }

    #[test]
    fn plain_manifests_among_templates_and_actions_of_others_are_read() {
        let plain = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: '${{ x }}'}\n";
        let facts = read("a/templates/c.yaml", plain);
        assert_eq!((facts.cluster.config_maps.len(), facts.gaps.len()), (1, 0));
        let inside = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  t: |\n    {{ define \"x\" }}\n";
        assert_eq!(read("c.yaml", inside).cluster.config_maps.len(), 1);
    }
}

//! Projects of .NET: `*.csproj`, `*.fsproj`, `*.vbproj`.

use model::{Place, Placed};

use super::draft::Draft;
use super::gap;
use super::xml::{self, Element};
use crate::Facts;
use crate::read::Source;

/// Whether a file of this name is a project.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "csproj" | "fsproj" | "vbproj")
}

/// Reads a project; its name is that of the file, unless it names its assembly.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "nuget");
    let mut is_project = false;
    let mut is_host = false;
    let mut projects = Vec::new();
    xml::walk(source.text, |path, element| match path {
        ["Project"] => {
            is_project = true;
            let (kit, at) = element.attribute("Sdk").unwrap_or_default();
            draft.package.is_runnable |= is_starting_kit(kit);
            is_host |= is_host_kit(element, "Sdk");
            if kit.split('/').next() == Some(WEB) {
                draft.depend(WEB, at);
            }
        }
        ["Project", "Sdk"] => is_host |= is_host_kit(element, "Name"),
        [.., "IsAspireHost"] => is_host |= element.text.eq_ignore_ascii_case("true"),
        [.., "ProjectReference"] => projects.extend(hosted(element, source, &mut draft)),
        [.., "AssemblyName"] if !element.text.contains('$') => {
            draft.name(element.text, element.at);
        }
        [.., "OutputType"] => draft.package.is_runnable |= is_program(element.text),
        [.., "PackageReference"] if !is_private(element) => {
            let (name, at) = element.attribute("Include").unwrap_or_default();
            draft.depend(name, at);
        }
        _ => {}
    });
    if !is_project {
        let reason = "is not a .NET project: it has no `Project`";
        facts.gaps.push(gap(draft.package.place, reason));
        return;
    }
    let stem = source.name.rsplit_once('.').map_or(source.name, |(stem, _)| stem);
    let place = Place::file(source.path.clone());
    draft.package.name.get_or_insert_with(|| Placed::new(stem.to_owned(), place));
    facts.packages.push(draft.package);
    if is_host {
        facts.hosted.extend(projects);
    }
}

/// Whether the kit is the one of a host, which starts the projects that it refers to.
fn is_host_kit(element: &Element<'_>, attribute: &str) -> bool {
    element.attribute(attribute).is_some_and(|(kit, _)| kit.starts_with("Aspire.AppHost.Sdk"))
}

/// The folder of a project that another refers to, unless it is linked into the host or only makes the
/// tables of a database.
fn hosted(
    reference: &Element<'_>,
    source: Source<'_>,
    draft: &mut Draft<'_>,
) -> Option<Placed<String>> {
    let (project, at) = reference.attribute("Include")?;
    let is_linked = reference.attribute("IsAspireProjectResource");
    if is_linked.is_some_and(|(is_started, _)| is_started.eq_ignore_ascii_case("false"))
        || project.ends_with(".sqlproj")
    {
        return None;
    }
    let (steps, _) = project.rsplit_once(['\\', '/'])?;
    let folder = crate::path::join(source.folder(), &steps.replace('\\', "/"))?;
    (!folder.is_empty()).then(|| draft.placed(&folder, at..at + project.len()))
}

/// The kit for what answers requests: a package like others, which brings the server.
const WEB: &str = "Microsoft.NET.Sdk.Web";

/// The kits for web services and workers make programs.
fn is_starting_kit(kit: &str) -> bool {
    [WEB, "Microsoft.NET.Sdk.Worker"].iter().any(|known| kit.starts_with(known))
}

fn is_program(output: &str) -> bool {
    ["Exe", "WinExe"].iter().any(|kind| output.eq_ignore_ascii_case(kind))
}

/// Analyzers and the like, which serve the build only.
fn is_private(reference: &Element<'_>) -> bool {
    reference
        .attribute("PrivateAssets")
        .is_some_and(|(assets, _)| assets.eq_ignore_ascii_case("all"))
}

//! Package manifests: what the code asks for, and whether it can be started.
//!
//! Only what the manifest itself says, and the files beside it, count for `is_runnable`; where
//! neither tells, it is `false`. Dependencies are those of production, by the name that their
//! registry knows. A requirements.txt that pins every version is a lock file instead.

mod cargo;
mod dotnet;
mod draft;
mod elixir;
mod go;
mod gradle;
mod maven;
mod node;
mod php;
mod python;
mod requirements;
mod ruby;
mod toml_text;
mod xml;

use model::Place;

use super::template;
use super::vendored::is_vendored;
use crate::read::Source;
use crate::{Facts, Gap, Package, Subject};

/// A kind of manifest.
struct Format {
    is_named: fn(path: &str, name: &str) -> bool,
    read: fn(Source<'_>, &mut Facts),
}

static FORMATS: &[Format] = &[
    format(|_, name| name == "Cargo.toml", cargo::read),
    format(|_, name| name == "package.json", node::read),
    format(|_, name| name == "go.mod", go::read),
    format(|_, name| name == "pyproject.toml", python::project),
    format(|_, name| name == "Pipfile", python::pipfile),
    format(|_, name| name == "setup.py", python::setup),
    format(|_, name| name == "setup.cfg", python::configuration),
    format(requirements::is_named, requirements::read),
    format(|_, name| name == "pom.xml", maven::read),
    format(|_, name| matches!(name, "build.gradle" | "build.gradle.kts"), gradle::read),
    format(dotnet::is_named, dotnet::read),
    format(|_, name| matches!(name, "Gemfile" | "gems.rb"), ruby::read),
    format(|_, name| name == "composer.json", php::read),
    format(|_, name| name == "mix.exs", elixir::read),
];

const fn format(is_named: fn(&str, &str) -> bool, read: fn(Source<'_>, &mut Facts)) -> Format {
    Format { is_named, read }
}

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    FORMATS.iter().any(|format| (format.is_named)(path, name)) && !is_vendored(path)
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    if let Some(place) = template::action_at(source) {
        facts.gaps.push(gap(place, "is an unrendered template of a package manifest"));
        return;
    }
    if let Some(format) = FORMATS.iter().find(|format| (format.is_named)(source.path, source.name))
    {
        (format.read)(source, facts);
    }
}

/// Looks for files beside each manifest that are what is started: `src/main.rs`, `server.js`,
/// `main.go`, `manage.py` and the like.
pub(super) fn settle(facts: &mut Facts) {
    let mut packages = std::mem::take(&mut facts.packages);
    for package in packages.iter_mut().filter(|package| !package.is_runnable) {
        package.is_runnable = has_entry(package, facts);
    }
    facts.packages = packages;
}

fn has_entry(package: &Package, facts: &Facts) -> bool {
    let (files, folders): (&[&str], &[&str]) = match package.ecosystem {
        "cargo" => (&["src/main.rs"], &["src/bin"]),
        "npm" => (&["server.js"], &[]),
        "go" => (&["main.go"], &["cmd"]),
        "pip" => (&["manage.py", "main.py", "app.py", "wsgi.py", "asgi.py", "__main__.py"], &[]),
        "gem" => (&["config.ru", "bin/rails"], &[]),
        "composer" => (&["artisan", "bin/console", "index.php", "public/index.php"], &[]),
        _ => (&[], &[]),
    };
    let beside = |name: &str| match package.place.folder() {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    files.iter().any(|file| facts.has_path(&beside(file)))
        || folders.iter().any(|folder| facts.has_folder(&beside(folder)))
}

fn gap(place: Place, reason: impl Into<String>) -> Gap {
    Gap { subject: Some(Subject::Packages), place, reason: reason.into(), name: None }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::Placed;
    use proptest::prelude::*;

    use super::*;
    use crate::read::mutation::mutated;

    const CARGO: &str = "[package]\nname = \"api\"\n\n[target.'cfg(unix)'.dependencies]\nnix = \"1\"\n\n\
        [dependencies]\nserde = { version = \"1\" }\nold = { package = \"real\", version = \"1\" }\n\n\
        [dev-dependencies]\nproptest = \"1\"\n";
    const NPM: &str = "{\n  \"name\": \"web\",\n  \"scripts\": {\"start\": \"node .\"},\n  \
        \"dependencies\": {\"express\": \"^5\"},\n  \"devDependencies\": {\"jest\": \"1\"}\n}\n";
    const POM: &str = "<project>\n  <parent><artifactId>x</artifactId></parent>\n  \
        <artifactId>shop</artifactId>\n  <dependencyManagement><dependencies><dependency>\
        <artifactId>no</artifactId></dependency></dependencies></dependencyManagement>\n  \
        <dependencies>\n    <dependency>\n      <groupId>org.a</groupId>\n      \
        <artifactId>b</artifactId>\n      <exclusions><exclusion><artifactId>c</artifactId>\
        </exclusion></exclusions>\n    </dependency>\n    <dependency><groupId>t</groupId>\
        <artifactId>u</artifactId><scope>test</scope></dependency>\n  </dependencies>\n  \
        <build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins>\
        </build>\n</project>\n";
    const GRADLE: &str = "plugins {\n    id(\"org.springframework.boot\") version \"4\"\n}\n\
        dependencies {\n    implementation(\"org.a:b:1\")\n    runtimeOnly 'c:d:1',\n        'e:f:1'\n    \
        implementation group: 'g', name: 'h', version: '1'\n    testImplementation(\"t:u:1\")\n    \
        implementation(project(\":own\"))\n    implementation(libs.spring.web)\n}\n";

    fn read_at(path: &str, text: &str) -> Facts {
        crate::read::read(&Arc::from(path), text.as_bytes())
    }

    fn package(path: &str, text: &str) -> Package {
        let facts = read_at(path, text);
        assert_eq!((facts.gaps, facts.lockfiles), (vec![], vec![]), "{path}");
        let [package] = facts.packages.try_into().unwrap();
        package
    }

    /// `name@line:column`.
    fn found(placed: &Placed<String>) -> String {
        format!("{}@{}:{}", placed.value, placed.place.line, placed.place.column)
    }

    /// Name and dependencies with their places.
    fn names(package: &Package) -> (String, String) {
        let dependencies: Vec<_> = package.dependencies.iter().map(found).collect();
        (package.name.as_ref().map(found).unwrap_or_default(), dependencies.join(" "))
    }

    #[track_caller]
    fn assert_names(path: &str, text: &str, name: &str, dependencies: &str) {
        let names = names(&package(path, text));
        assert_eq!(names, (name.to_owned(), dependencies.to_owned()));
    }

    #[test]
    fn cargo_manifests_name_their_packages_and_renamed_dependencies() {
        assert_names("Cargo.toml", CARGO, "api@2:8", "nix@5:1 serde@8:1 real@9:1");
        assert!(!package("Cargo.toml", CARGO).is_runnable);
        let program = format!("{CARGO}\n[[bin]]\nname = \"api\"\n");
        assert!(package("Cargo.toml", &program).is_runnable);
        let workspace = "[workspace]\nmembers = []\n[workspace.dependencies]\na = \"1\"\n";
        assert_eq!(read_at("Cargo.toml", workspace), Facts::default());
    }

    #[test]
    fn node_manifests_name_what_production_needs() {
        assert_names("package.json", NPM, "web@2:11", "express@4:20");
        assert!(package("package.json", NPM).is_runnable);
        assert!(!package("package.json", "{\"scripts\": {\"test\": \"x\"}}").is_runnable);
        let composer = "{\"name\": \"s/a\", \"require\": {\"php\": \"^8\", \"s/b\": \"^1\"}}";
        assert_names("composer.json", composer, "s/a@1:10", "s/b@1:42");
    }

    #[test]
    fn go_modules_leave_out_what_others_require() {
        let text = "// about\nmodule example.org/api\n\nrequire example.org/a v1\nrequire (\n\t\
                    example.org/b v1\n\texample.org/c v1 // indirect\n)\n";
        assert_names("go.mod", text, "example.org/api@2:8", "example.org/a@4:9 example.org/b@6:2");
    }

    #[test]
    fn python_projects_are_read_in_each_of_their_forms() {
        let text = "[project]\nname = \"web\"\ndependencies = [\n  \"flask[async]>=3\",\n  'x@ https://a',\n]\n\
                    [project.scripts]\nweb = \"web:main\"\n[dependency-groups]\ndev = [\"pytest\"]\n";
        assert_names("pyproject.toml", text, "web@2:8", "flask@4:4 x@5:4");
        assert!(package("pyproject.toml", text).is_runnable);
        let poetry = "[tool.poetry]\nname = \"web\"\n[tool.poetry.dependencies]\npython = \"^3\"\nflask = \"3\"\n";
        assert_names("pyproject.toml", poetry, "web@2:8", "flask@5:1");
        assert_eq!(read_at("pyproject.toml", "[tool.ruff]\nline-length = 9\n"), Facts::default());
        assert_names("Pipfile", "[packages]\nflask = \"*\"\n", "", "flask@2:1");
        assert_names("setup.cfg", "[metadata]\nname = web\n", "web@2:8", "");
        assert_eq!(read_at("setup.cfg", "[flake8]\nname = x\n"), Facts::default());
        assert_names("setup.py", "setup(name='web',\n", "web@1:13", "");
        assert_names("setup.py", "setup(\n    name = NAME,\n", "", "");
        assert_eq!(read_at("setup.py", "setup()\n"), Facts::default());
    }

    #[test]
    fn requirements_are_a_lock_file_when_all_are_pinned() {
        let text = "# note\n-r base.txt\n  flask>=3 # why\nuvicorn[standard]==1 ; x\n./own\n";
        assert_names("requirements.txt", text, "", "flask@3:3 uvicorn@4:1");
        let pinned = "flask==3.0 \\\n    --hash=sha256:00\nx === 1.0\n";
        let facts = read_at("requirements/prod.txt", pinned);
        let expected =
            vec![("flask".to_owned(), "3.0".to_owned()), ("x".to_owned(), "1.0".to_owned())];
        assert_eq!((&facts.lockfiles[0].packages, facts.packages), (&expected, vec![]));
        assert_names("requirements.in", "flask==3.0\n", "", "flask@1:1");
        assert_names("requirements.txt", "flask==3.*\n", "", "flask@1:1");
        assert_names("requirements.txt", "git+https://a/b\n", "", "");
        let prose = read_at("requirements.txt", "The service shall be fast.\n");
        assert!(prose.packages.is_empty() && prose.gaps[0].reason.contains("pip"));
        let named = |path: &str| is_named(path, path.rsplit('/').next().unwrap());
        assert!(named("a/requirements-prod.txt") && named("prod-requirements.txt"));
        for path in
            ["requirements-dev.txt", "requirements/test.txt", "a.txt", "docs-requirements.txt"]
        {
            assert!(!named(path), "{path}");
        }
    }

    #[test]
    fn builds_of_java_name_what_is_there_at_run_time() {
        assert_names("pom.xml", POM, "shop@3:15", "org.a:b@8:19");
        assert!(package("pom.xml", POM).is_runnable);
        let facts = read_at("build.gradle.kts", GRADLE);
        let expected = "org.a:b@5:21 c:d@6:18 e:f@7:10 g:h@8:28";
        assert_eq!(names(&facts.packages[0]), (String::new(), expected.to_owned()));
        assert!(facts.packages[0].is_runnable);
        let gaps: Vec<_> =
            facts.gaps.iter().map(|gap| (gap.place.line, gap.place.column)).collect();
        assert_eq!(gaps, [(11, 19)]);
        let library = package("build.gradle", "plugins { id 'java' }\n  id 'war' apply false\n");
        assert!(!library.is_runnable);
    }

    #[test]
    fn projects_of_dotnet_bear_the_name_of_their_file() {
        let text = "<Project Sdk=\"Microsoft.NET.Sdk.Web\">\n  <ItemGroup>\n    \
                    <PackageReference Include=\"Npgsql\" Version=\"9\" />\n    \
                    <PackageReference Include=\"Lint\" PrivateAssets=\"all\" />\n  </ItemGroup>\n</Project>\n";
        assert_names("src/Cart.csproj", text, "Cart@1:1", "Microsoft.NET.Sdk.Web@1:15 Npgsql@3:32");
        assert!(package("src/Cart.csproj", text).is_runnable);
        let named = "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><AssemblyName>cart</AssemblyName>\
                     <OutputType>Exe</OutputType></PropertyGroup></Project>";
        assert_names("a.fsproj", named, "cart@1:63", "");
        assert!(package("a.fsproj", named).is_runnable);
    }

    #[test]
    fn gems_and_hex_packages_for_development_are_left_out() {
        let gems = "gem \"rack\", \"~> 3\"\ngroup :development, :test do\n  gem 'rspec'\nend\n\
                    group :assets do\n  gem 'sass'\nend\ngem 'lint', group: :test\n";
        assert_names("Gemfile", gems, "", "rack@1:6 sass@6:8");
        let mix = "def project do\n  [\n    app: :shop,\n  ]\nend\ndef application do\n  [\n    \
                   mod: {Shop, []}\n  ]\nend\ndefp deps do\n  [\n    {:phoenix, \"~> 1\"},\n    \
                   {:credo, \"~> 1\", only: [:dev, :test]}\n  ]\nend\n{:later, 1}\n";
        assert_names("mix.exs", mix, "shop@3:11", "phoenix@13:7");
        assert!(package("mix.exs", mix).is_runnable);
    }

    #[test]
    fn what_cannot_be_read_is_a_gap_at_its_place() {
        for (path, text, at) in [
            ("Cargo.toml", "[package]\nname = \n", (2, 8)),
            ("package.json", "{\"name\": }", (1, 10)),
            ("go.mod", "go 1.26\n", (1, 1)),
            ("pom.xml", "<html/>", (1, 1)),
            ("go.mod", "// x\nmodule ${{ values.name }}\n", (2, 8)),
            ("package.json", "{\"name\": \"{{cookiecutter.name}}\"}", (1, 11)),
            ("a.csproj", "", (1, 1)),
        ] {
            let facts = read_at(path, text);
            assert!(facts.packages.is_empty(), "{path}");
            let places: Vec<_> =
                facts.gaps.iter().map(|gap| (gap.place.line, gap.place.column)).collect();
            assert_eq!(places, [at], "{path}");
        }
    }

    #[test]
    fn files_beside_a_manifest_tell_whether_it_can_be_started() {
        let mut facts = Facts::default();
        facts.append(read_at("a/Cargo.toml", CARGO));
        facts.append(read_at("b/Cargo.toml", CARGO));
        facts.append(read_at("go.mod", "module x\n"));
        facts.append(read_at("c/go.mod", "module y\n"));
        let paths = ["a/src/main.rs", "b/src/lib.rs", "c/x.go", "cmd/x/main.go"];
        facts.paths = paths.map(Arc::from).to_vec();
        settle(&mut facts);
        let runnable: Vec<_> = facts.packages.iter().map(|package| package.is_runnable).collect();
        assert_eq!(runnable, [true, false, true, false]);
    }

    proptest! {
        #[test]
        fn no_mutation_makes_it_panic(
            cargo in mutated(CARGO),
            npm in mutated(NPM),
            pom in mutated(POM),
            gradle in mutated(GRADLE),
        ) {
            for path in ["Cargo.toml", "package.json", "go.mod", "pyproject.toml", "Pipfile",
                "setup.py", "setup.cfg", "requirements.txt", "pom.xml", "build.gradle",
                "a.csproj", "Gemfile", "composer.json", "mix.exs"]
            {
                for text in [&cargo, &npm, &pom, &gradle] {
                    read_at(path, text);
                }
            }
        }
    }
}

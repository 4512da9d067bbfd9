//! Names of Dockerfiles, and where the code of an image stands.

use super::*;

#[test]
fn the_code_stands_around_what_builds_it() {
    let folders = ["src/cart/src", "api/src/main/docker", "docker/prod", "services/web", ""];
    assert_eq!(folders.map(code_folder), ["src/cart", "api", "", "services/web", ""]);
    let variants = ["packaging/docker/alpine", "cart/docker/distroless", "alpine", "web/full"];
    assert_eq!(variants.map(code_folder), ["", "cart", "alpine", "web/full"]);
}

#[test]
fn machines_of_jenkins_run_the_jobs_of_pipelines() {
    for (name, is_one) in [
        ("jenkins", true),
        ("jenkins-secondary", true),
        ("jenkins-main", true),
        ("jenkins-dashboard-api", false),
        ("till-jenkins", false),
    ] {
        assert_eq!(is_runner(name), is_one, "{name}");
    }
}

#[test]
fn a_dockerfile_is_plain_named_or_for_development() {
    let named = |name: &str| DockerfileName::Named(name.into());
    assert_eq!(dockerfile_name("a/Dockerfile"), DockerfileName::Plain);
    assert_eq!(dockerfile_name("a/src/main/docker/Dockerfile.legacy-jar"), DockerfileName::Plain);
    assert_eq!(dockerfile_name("Dockerfile.worker"), named("worker"));
    assert_eq!(dockerfile_name("mail-worker.Dockerfile"), named("mail-worker"));
    assert_eq!(dockerfile_name("docker/prd/prd-build-deploy.Dockerfile"), DockerfileName::Plain);
    assert_eq!(dockerfile_name("till-deploy.Dockerfile"), named("till"));
    for path in [
        "dockerfiles/Dockerfile-gui-tests",
        ".github/x/Dockerfile",
        "Dockerfile.dev",
        "build.Dockerfile",
        "test-deploy.Dockerfile",
    ] {
        assert_eq!(dockerfile_name(path), DockerfileName::Development, "{path}");
    }
}

#[test]
fn what_makes_packages_is_for_developing() {
    for path in ["packaging/rpm/Dockerfile", "packaging/debian/Dockerfile", "deb/Dockerfile"] {
        assert_eq!(dockerfile_name(path), DockerfileName::Development, "{path}");
    }
    assert_eq!(dockerfile_name("docker/debian/Dockerfile"), DockerfileName::Plain);
}

#[test]
fn a_command_that_shows_pages_or_makes_packages_starts_no_service() {
    for command in ["mkdocs serve --dev-addr=0.0.0.0:8000", "bundle exec jekyll serve"] {
        assert!(helps_writing(command).is_some(), "{command}");
    }
    assert!(helps_writing("/src/packaging/build.sh").is_some());
    for tests in
        ["[\"go\", \"test\", \"./...\"]", "yarn test:e2e", "npm run test", "pnpm e2e", "pytest -q"]
    {
        assert_eq!(helps_writing(tests), Some("runs tests"), "{tests}");
    }
    assert_eq!(helps_writing("npm run start:test"), None);
    for command in ["/serve", "node build.sh.js", "caddy file-server", "python app.py mkdocs"] {
        assert_eq!(helps_writing(command), None, "{command}");
    }
}

#[test]
fn a_command_that_prints_and_ends_starts_nothing() {
    for command in ["bash -c \"echo the image is built\"", "sh -c echo built", "true"] {
        assert!(only_prints(command), "{command}");
    }
    for command in ["sh -c \"echo on && /serve\"", "echo", "/serve", "sh -c 'exec /echo'"] {
        assert!(!only_prints(command), "{command}");
    }
}

#[test]
fn load_generators_and_stand_ins_exercise() {
    for key in [
        "load",
        "load-gen",
        "load-test-service",
        "testing-framework",
        "loadgenerator",
        "mock-oauth2-server",
        "fakesentry",
        "pubsub-emulator",
        "taxmock",
        "tax-stub",
        "taxfake",
        "tax-testenv2",
    ] {
        assert!(is_exerciser(key), "{key}");
    }
    for key in ["loader", "payload", "contest", "ab-testing", "checkout", "seedbank", "download"] {
        assert!(!is_exerciser(key), "{key}");
    }
    for key in ["hammock", "deepfake-finder", "stubhub", "stubborn"] {
        assert!(!is_exerciser(key), "{key}");
    }
}

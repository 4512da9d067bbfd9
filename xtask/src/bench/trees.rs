//! Generated trees of the shape of real ones.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::pages;

/// Services of the big tree.
const BIG_SERVICES: usize = 40;

/// Files of the big tree.
const BIG_FILES: usize = 20_000;

/// Services of the other tree.
const MANY_SERVICES: usize = 1_000;

/// A monorepo of 20,000 files and 200 MB: mostly code, some test data, manifests and documents.
/// Returns the number of files and of bytes.
pub(super) fn big(folder: &Path) -> Result<(usize, u64)> {
    if !folder.exists() {
        for number in 0..BIG_SERVICES {
            service(folder, number)?;
        }
        for number in 0..BIG_FILES - BIG_SERVICES * FILES_OF_A_SERVICE {
            filler(folder, number)?;
        }
    }
    count(folder)
}

/// A tree of 1,000 small services, with pages and alerts that are for all of them. Returns their number.
pub(super) fn many(folder: &Path) -> Result<usize> {
    if !folder.exists() {
        for number in 0..MANY_SERVICES {
            service(folder, number)?;
        }
        pages::shared(folder, MANY_SERVICES)?;
    }
    Ok(MANY_SERVICES)
}

/// How many files [`service`] writes.
const FILES_OF_A_SERVICE: usize = 8;

fn service(folder: &Path, number: usize) -> Result<()> {
    let name = format!("service-{number}");
    let base = folder.join("services").join(&name);
    let deployment = DEPLOYMENT.replace("NAME", &name);
    let files = [
        ("deploy/app.yaml", deployment),
        ("catalog-info.yaml", CATALOG.replace("NAME", &name)),
        (
            "README.md",
            format!(
                "# {name}\n\n## Run\n\n```sh\nmake run\n```\n\n## Deploy\n\n```sh\nmake deploy\n```\n"
            ),
        ),
        (
            "Dockerfile",
            "FROM python:3.13-slim\nCOPY . .\nUSER 1000\nCMD [\"python3\", \"app.py\"]\n"
                .to_owned(),
        ),
        (
            "docs/runbooks/errors.md",
            format!("# Errors of {name}\n\n## Symptom\n\nMany answers are 500.\n"),
        ),
        ("ops/rules.yaml", RULES.replace("NAME", &name)),
        ("requirements.txt", "flask==3.0.0\n".to_owned()),
        ("app.py", "print('hello')\n".to_owned()),
    ];
    for (path, text) in files {
        write(&base.join(path), &text)?;
    }
    Ok(())
}

/// A file that no service needs: of every hundred, 70 code, 12 JSON, 8 documents, 5 YAML of no known
/// kind, 5 manifests of somebody else's.
fn filler(folder: &Path, number: usize) -> Result<()> {
    let place = folder.join(format!("src/area-{}/part-{}", number % 60, number % 7));
    let (name, line) = match number % 100 {
        0..70 => {
            (format!("file_{number}.rs"), "    let value = compute(input, 42).unwrap_or_default();")
        }
        70..82 => (
            format!("data_{number}.json"),
            "  {\"id\": 1, \"name\": \"something\", \"tags\": [\"a\", \"b\"]},",
        ),
        82..90 => (
            format!("notes_{number}.md"),
            "Some words about a thing, with [a link](other.md) and `code`.",
        ),
        90..95 => {
            (format!("values_{number}.yaml"), "  - {key: value, list: [1, 2, 3], text: some words}")
        }
        _ => (format!("object_{number}.yaml"), "    another-key-of-a-config-map: some value of it"),
    };
    let head = match number % 100 {
        70..82 => "[\n",
        90..95 => "items:\n",
        95.. => "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: generated}\ndata:\n",
        _ => "",
    };
    // Sizes vary as in real trees: most small, some large; 10 KB on average.
    let lines = match number % 10 {
        0 => 960,
        1..4 => 200,
        _ => 60,
    };
    let mut text = head.to_owned();
    for index in 0..lines {
        if number % 100 >= 95 {
            text.push_str(&line.replacen("another", &format!("key-{index}"), 1));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    if (70..82).contains(&(number % 100)) {
        text.push_str("  {}\n]\n");
    }
    write(&place.join(name), &text)
}

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a generated file stands in a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

fn count(folder: &Path) -> Result<(usize, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok((files, bytes))
}

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: 3
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
        - name: app
          image: registry.example/NAME:1.0.0
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /readyz, port: http}}
          livenessProbe: {httpGet: {path: /livez, port: http}}
          resources: {requests: {cpu: 100m, memory: 128Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: NAME}
spec:
  selector: {app: NAME}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: NAME}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}
  minReplicas: 2
  maxReplicas: 6
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
";

const CATALOG: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: NAME, description: One of many}
spec: {type: service, lifecycle: production, owner: group:platform}
";

const RULES: &str = "\
groups:
  - name: NAME
    rules:
      - alert: Errors
        expr: sum(rate(http_requests_total{service=\"NAME\",code=~\"5..\"}[5m])) > 1
        for: 5m
        labels: {severity: page, service: NAME}
        annotations: {runbook_url: docs/runbooks/errors.md}
";

//! Containers of pods.

use model::{Place, Placed};

use crate::tree::Node;
use crate::{Container, Port, Resources};

use super::{environment, field, probe};

/// Reads a container; its security and the secrets of its volumes are the pod's to add.
pub(super) fn read(node: &Node) -> Container {
    let name = node.string("name");
    let name = name.unwrap_or_else(|| Placed::new(String::new(), node.place.clone()));
    Container {
        // A blank is what stands in for an image that a trigger puts in.
        image: node.string("image").filter(|image| !image.trim().is_empty()),
        is_never_pulled: node.get("imagePullPolicy").and_then(Node::str) == Some("Never"),
        ports: field::items(node, &["ports"]).iter().map(port).collect(),
        liveness: probe::read(node, "livenessProbe"),
        readiness: probe::read(node, "readinessProbe"),
        startup: probe::read(node, "startupProbe"),
        requests: resources(node, "requests"),
        limits: resources(node, "limits"),
        pre_stop: pre_stop(node),
        environment: environment::variables(node),
        mounts: mounts(node),
        secrets: environment::taken_whole(node, "secretRef"),
        environment_files: environment::taken_whole(node, "configMapRef"),
        command: field::joined(node, &["command", "args"]),
        ..Container::new(name)
    }
}

fn mounts(node: &Node) -> Vec<String> {
    let mounts = field::items(node, &["volumeMounts"]).iter();
    let paths = mounts.filter_map(|mount| mount.get("mountPath")?.str());
    paths.map(str::to_owned).collect()
}

fn port(node: &Node) -> Port {
    let number = node.get("containerPort");
    Port {
        name: node.get("name").and_then(Node::str).map(str::to_owned),
        number: number.and_then(Node::int),
        is_published: node.get("hostPort").and_then(Node::int).is_some_and(|port| port != 0),
        place: number.map_or(&node.place, |number| &number.place).clone(),
    }
}

fn resources(container: &Node, key: &str) -> Resources {
    let amounts = container.at(&["resources", key]);
    let amount = |name| amounts.and_then(|node| node.string(name));
    Resources { cpu: amount("cpu"), memory: amount("memory"), place: holder(container, key) }
}

/// The key of the amounts, or the one that would hold them.
fn holder(container: &Node, key: &str) -> Option<Place> {
    let own = container.get("resources").and_then(|resources| resources.key(key));
    own.or_else(|| container.key("resources")).map(|key| key.place.clone())
}

fn pre_stop(container: &Node) -> Option<Placed<String>> {
    let lifecycle = container.get("lifecycle")?;
    let hook = lifecycle.get("preStop")?;
    if let Some(command) = hook.get("exec").and_then(|exec| field::joined(exec, &["command"])) {
        return Some(command);
    }
    let prefixed = |words: &str, path: &[&str]| {
        let value = field::text(hook, path)?;
        Some(Placed::new(format!("{words} {}", value.value), value.place))
    };
    prefixed("sleep", &["sleep", "seconds"])
        .or_else(|| prefixed("GET", &["httpGet", "path"]))
        .or_else(|| {
            let key = lifecycle.key("preStop").filter(|_| field::is_filled(hook))?;
            Some(Placed::new("preStop".to_owned(), key.place.clone()))
        })
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use crate::{Container, ProbeAction, VariableValue};

    fn container(lines: &str) -> Container {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - image: x\n{lines}"
        );
        facts_of(&text).workloads.remove(0).containers.remove(0)
    }

    #[test]
    fn amounts_stand_at_their_values_and_a_missing_side_at_what_would_hold_it() {
        let container =
            container("    resources:\n      requests:\n        cpu: 100m\n        memory: 64Mi\n");
        let memory = container.requests.memory.as_ref().unwrap();
        assert_eq!((memory.value.as_str(), at(&memory.place)), ("64Mi", "10:17".into()));
        assert_eq!(at(container.requests.place.as_ref().unwrap()), "8:7");
        assert!(container.limits.cpu.is_none());
        assert_eq!(at(container.limits.place.as_ref().unwrap()), "7:5");
    }

    #[test]
    fn ports_commands_and_hooks_are_read() {
        let container = container(
            "    command: [serve]\n    args: [--port, \"80\"]\n    ports:\n    - {containerPort: 80, name: http}\n    \
             - {containerPort: 81, hostPort: 81}\n    lifecycle:\n      preStop:\n        exec:\n          \
             command: [sleep, '5']\n",
        );
        let command = container.command.as_ref().unwrap();
        assert_eq!(
            (command.value.as_str(), at(&command.place)),
            ("serve --port 80", "7:14".into())
        );
        assert_eq!(
            (container.ports[0].number, container.ports[0].name.as_deref()),
            (Some(80), Some("http"))
        );
        assert!(!container.ports[0].is_published && container.ports[1].is_published);
        assert_eq!(at(&container.ports[0].place), "10:23");
        let hook = container.pre_stop.as_ref().unwrap();
        assert_eq!((hook.value.as_str(), at(&hook.place)), ("sleep 5", "15:20".into()));
    }

    #[test]
    fn probes_keep_their_ports_as_written_and_stand_at_their_keys() {
        let container = container(
            "    readinessProbe:\n      httpGet: {path: /ready, port: http}\n      periodSeconds: 5\n    \
             livenessProbe:\n      tcpSocket: {port: 80}\n    startupProbe: {}\n",
        );
        let probe = container.readiness.as_ref().unwrap();
        assert_eq!((probe.period_s, at(&probe.place)), (Some(5.0), "7:5".into()));
        let ProbeAction::Http { path, port } = &probe.action else { panic!() };
        assert_eq!((path.value.as_str(), at(&path.place)), ("/ready", "8:23".into()));
        assert_eq!(port.as_ref().unwrap().value, "http");
        let liveness = container.liveness.as_ref().unwrap();
        assert!(
            matches!(&liveness.action, ProbeAction::Tcp { port: Some(port) } if port.value == "80")
        );
        assert_eq!(container.startup.as_ref().unwrap().action, ProbeAction::None);
    }

    #[test]
    fn a_probe_without_a_path_asks_for_the_root_and_one_may_run_a_command() {
        let container = container(
            "    readinessProbe:\n      httpGet: {port: 1}\n    livenessProbe:\n      exec: {command: [ls, /tmp]}\n    \
             startupProbe:\n      grpc: {port: 9}\n",
        );
        let readiness = container.readiness.unwrap().action;
        assert!(
            matches!(readiness, ProbeAction::Http { path, .. } if path.value == "/" && at(&path.place) == "8:7")
        );
        let liveness = container.liveness.unwrap().action;
        assert!(matches!(liveness, ProbeAction::Exec { command } if command.value == "ls /tmp"));
        assert!(matches!(container.startup.unwrap().action, ProbeAction::Grpc { port: Some(_) }));
    }

    #[test]
    fn variables_say_where_their_values_come_from() {
        let container = container(
            "    env:\n    - {name: A, value: plain}\n    - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}\n    \
             - {name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}\n    - {name: D, value: '${D}'}\n    \
             - {name: E, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n    - {name: F, value: 'vault:x#y'}\n    \
             envFrom:\n    - secretRef: {name: whole}\n    - configMapRef: {name: settings}\n",
        );
        let value = |n: usize| &container.environment[n].value;
        let VariableValue::Literal(literal) = value(0) else { panic!() };
        assert_eq!(
            (at(&container.environment[0].name.place), at(&literal.place)),
            ("8:14".into(), "8:24".into())
        );
        assert!(
            matches!(value(1), VariableValue::Secret(key) if key.value == "s/k" && at(&key.place) == "9:50")
        );
        assert!(matches!(value(2), VariableValue::Config(key) if key.value == "c/k"));
        assert_eq!((value(3), value(4)), (&VariableValue::Outer, &VariableValue::Other));
        assert!(matches!(value(5), VariableValue::Secret(_)));
        assert_eq!(container.secrets[0].value, "whole");
        assert_eq!(container.environment_files[0].value, "settings");
    }
}

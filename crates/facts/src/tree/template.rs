//! Tells unrendered Go templates, such as those of Helm charts, from YAML.

/// The line of the first action of a Go template that makes `text` something else than YAML.
pub fn is_templated(text: &str) -> Option<u32> {
    let at = text.lines().position(|line| {
        let line = line.trim_start();
        line.starts_with("{{") || line.contains(": {{") || line.contains("{{ .Values")
    })?;
    u32::try_from(at + 1).ok()
}

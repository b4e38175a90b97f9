//! A document without a finding, and ways to change it.

use serde_json::{Value, json};
use teeproof_compose::{AppCompose, LintOptions, LintReport, Rule, lint};

pub(crate) const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An app-compose in the making.
pub(crate) struct Draft {
    pub(crate) fields: Value,
    pub(crate) yaml: String,
    pub(crate) image: Option<&'static str>,
}

impl Draft {
    /// The document that lints with nothing.
    pub(crate) fn clean() -> Self {
        Self {
            fields: json!({
                "manifest_version": 2,
                "name": "clean",
                "runner": "docker-compose",
                "kms_enabled": true,
                "gateway_enabled": true,
                "local_key_provider_enabled": false,
                "key_provider_id": "3059301306072a8648ce3d020106082a8648ce3d030107034200",
                "public_logs": false,
                "public_sysinfo": true,
                "public_tcbinfo": true,
                "allowed_envs": [],
                "no_instance_id": false,
                "secure_time": true,
            }),
            yaml: format!(
                "services:\n  web:\n    image: ghcr.io/example/web:1@sha256:{DIGEST}\n    \
                 environment:\n      - MODE=production\n    ports:\n      - \"8080:80\"\n"
            ),
            image: Some("dstack-0.5.6"),
        }
    }

    /// Sets a field of the app-compose.
    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.fields[name] = value;
    }

    /// Adds lines to the one service.
    pub(crate) fn service(&mut self, lines: &str) {
        for line in lines.lines() {
            self.yaml.push_str(&format!("    {line}\n"));
        }
    }

    /// Adds a second service, with a digest.
    pub(crate) fn second(&mut self, lines: &str) {
        self.yaml
            .push_str(&format!("  second:\n    image: b@sha256:{DIGEST}\n"));
        self.service(lines);
    }

    /// Adds lines behind the services.
    pub(crate) fn top(&mut self, lines: &str) {
        self.yaml.push_str(lines);
        self.yaml.push('\n');
    }

    pub(crate) fn text(&self) -> String {
        let mut fields = self.fields.clone();
        let object = fields.as_object_mut().unwrap();
        object
            .entry("docker_compose_file")
            .or_insert_with(|| self.yaml.clone().into());
        fields.to_string()
    }

    pub(crate) fn lint(&self) -> LintReport {
        let document = AppCompose::parse(self.text().as_bytes()).unwrap();
        let options = LintOptions {
            image: self.image.map(|image| image.parse().unwrap()),
            ..LintOptions::default()
        };
        lint(&document, &options)
    }

    /// The rules that find something, each once.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let mut rules: Vec<_> = self
            .lint()
            .findings
            .iter()
            .map(|finding| finding.rule)
            .collect();
        rules.dedup();
        rules
    }
}

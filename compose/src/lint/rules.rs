//! The rule table: every question the lint asks of an app-compose, in the order it answers them.
//!
//! Ids and numbers are frozen, as those of the check table are: suppressions and reports name them.

use std::fmt;

use teeproof_core::LintSeverity;

macro_rules! rules {
    ($($variant:ident = $number:literal, $id:literal, $severity:ident, $title:literal, $why:literal, $mend:literal, $source:literal;)*) => {
        /// A rule of the lint, with a stable text id and a frozen number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $title] $variant = $number,)*
        }

        impl Rule {
            /// All rules, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable id, such as `image.not-by-digest`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// How much a finding matters.
            pub const fn severity(self) -> LintSeverity {
                match self { $(Self::$variant => LintSeverity::$severity,)* }
            }

            /// What a finding says.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Why it matters, in one sentence.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// How to mend it.
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)* }
            }

            /// Where the rule comes from.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)* }
            }
        }
    };
}

rules! {
    Unreadable = 101, "document.unreadable", Error,
        "The docker-compose text cannot be read",
        "What cannot be read here cannot be judged, and another reader may see other services in it.",
        "mend the text at the place that is named; write it in plain YAML",
        "YAML 1.2; teeproof";
    NoCode = 102, "document.no-code", Error,
        "The document names nothing to run",
        "Nothing that the compose hash covers says what runs.",
        "give `docker_compose_file` at least one service, or `bash_script` a script for the runner `bash`",
        "dstack-types, AppCompose";
    Include = 103, "document.include", Error,
        "The docker-compose text includes another file",
        "The other file is not in the document, so the compose hash does not cover it.",
        "write the services of the other file into this one",
        "Compose specification, include";
    FieldUnknown = 111, "field.unknown", Warning,
        "A field that no image knows",
        "dstack ignores what it does not know, so the setting has no effect, whatever it was meant for.",
        "mend the spelling, or take the field out",
        "dstack-types, AppCompose";
    FieldWrongKind = 112, "field.wrong-kind", Error,
        "A field has a value of the wrong kind",
        "The guest refuses the document, or takes the field for absent.",
        "give the field a value of its kind",
        "dstack-types, AppCompose";
    FieldIgnored = 113, "field.ignored", Error,
        "The image does not know a field",
        "The image ignores the field and says nothing, so what it demands is not enforced.",
        "use an image that knows the field, or do not rely on it",
        "dstack docs/security/cvm-boundaries.md";
    DevOs = 121, "image.dev-os", Error,
        "The image is a development image",
        "A development image lets its operator log in, so nothing in it is confidential.",
        "run the app on a production image, and demand its measurements in the policy",
        "dstack image metadata, is_dev";
    NotByDigest = 201, "image.not-by-digest", Error,
        "An image is not pinned by digest",
        "A tag can be moved, and a registry decides what it names: the compose hash then covers a name and no code.",
        "name the image as name@sha256:…",
        "dstack public security reports, registry substitution";
    NoImage = 202, "image.missing", Error,
        "A service has no image",
        "Nothing says what the service runs.",
        "give the service an image by digest",
        "Compose specification, services";
    ImageVariable = 203, "variable.image", Error,
        "A variable decides which image runs",
        "Only names of variables are measured: whoever sets the value decides what runs.",
        "write the image out, by digest",
        "dstack, allowed_envs; Compose specification, interpolation";
    CommandVariable = 204, "variable.command", Error,
        "A variable decides what a container executes",
        "Only names of variables are measured: whoever sets the value decides what is executed.",
        "write the value out, or let the program read the variable and check it",
        "dstack, allowed_envs; Compose specification, interpolation";
    VolumeVariable = 205, "variable.volumes", Error,
        "A variable decides what is mounted",
        "Only names of variables are measured: whoever sets the value decides what the container sees.",
        "write the mount out",
        "dstack, allowed_envs; Compose specification, interpolation";
    Build = 206, "service.build", Error,
        "A service is built where it runs",
        "What is built depends on files and downloads that the compose hash does not cover.",
        "build the image beforehand and name it by digest",
        "Compose Build specification";
    Extends = 207, "service.extends", Error,
        "A service takes its definition from elsewhere",
        "The other definition may be in a file that the compose hash does not cover.",
        "write the definition out",
        "Compose specification, extends";
    Privileged = 301, "isolation.privileged", Error,
        "A container is privileged",
        "A privileged container is root of the guest: it can load modules, change other containers and extend registers.",
        "drop `privileged`, and add the one capability or device that is needed",
        "dstack docs/security/security-best-practices.md";
    HostNamespace = 302, "isolation.host-namespace", Error,
        "A container shares a namespace of the guest",
        "It sees or signals the guest's own processes, memory or users.",
        "drop the namespace that is shared",
        "Compose specification, pid, ipc, uts, userns_mode, cgroup";
    HostNetwork = 303, "isolation.host-network", Warning,
        "A container shares the guest's network",
        "It reaches every port that listens inside the guest, and opens ports that the document does not name.",
        "name the ports under `ports`",
        "Compose specification, network_mode";
    Capability = 304, "isolation.capability", Error,
        "A container has a capability that breaks isolation",
        "With it the container can become root of the guest or read other containers.",
        "drop the capability",
        "Linux capabilities(7)";
    SecurityOption = 305, "isolation.security-opt", Error,
        "A container runs without a confinement",
        "The system call filter or the mandatory access control that keeps a container in is switched off.",
        "drop the option",
        "Compose specification, security_opt";
    Device = 306, "isolation.device", Warning,
        "A container has a device of the guest",
        "A device may be a disk, or the one that makes quotes.",
        "give the container only devices that it needs",
        "Compose specification, devices";
    DockerSocket = 401, "mount.docker-socket", Error,
        "A container may command the container engine",
        "It can start any other container, from any image, with any mount: the compose hash no longer says what runs.",
        "drop the mount",
        "dstack docs/security/security-best-practices.md";
    GuestSocketShared = 402, "mount.guest-socket-shared", Warning,
        "More than one service can ask the guest agent",
        "Each of them can derive the app's keys and have quotes made for any report data.",
        "mount the guest agent's socket into one service and let the others ask it",
        "dstack docs/security/security-best-practices.md";
    HostSystem = 403, "mount.host-system", Error,
        "A container sees the guest's own files",
        "There are keys, devices and the container engine's state below such a path.",
        "mount a named volume, or the single file that is needed",
        "dstack docs/security/security-best-practices.md";
    HostPath = 404, "input.host-path", Warning,
        "A container sees a path that the document does not fill",
        "What stands at the path is measured by nothing.",
        "use a named volume, or put the content into the document under `configs`",
        "Compose specification, volumes";
    FileInput = 405, "input.file", Warning,
        "The docker-compose text refers to a file or to something made elsewhere",
        "The compose hash covers the reference and not the content.",
        "write the content into the document",
        "Compose specification, env_file, configs, secrets";
    PullPolicy = 406, "input.pull-policy", Warning,
        "An image is pulled anew or never",
        "What runs may depend on what a registry, a build or an earlier version left behind.",
        "drop `pull_policy` and name the image by digest",
        "Compose specification, pull_policy";
    VariableInput = 407, "input.variable", Note,
        "A variable is used",
        "Its value is set by the deployer, can be replaced by the host, and is not measured.",
        "let the program check the value; decide nothing about trust by it",
        "dstack, allowed_envs";
    EnvControls = 408, "input.controlling-variable", Error,
        "A variable may change how the app is started",
        "dstack starts the containers with these variables set, so their values decide which files, engine or libraries are used.",
        "take the name out of `allowed_envs`",
        "Docker Compose and Docker environment variables; ld.so(8)";
    KeyNotPinned = 501, "key-provider.not-pinned", Warning,
        "The key provider is not pinned",
        "A host can name a key provider of its own, and then knows the keys of the app.",
        "set `key_provider_id` to the key provider's id",
        "dstack-types, AppCompose; dstack docs/security/security-best-practices.md";
    KeyNone = 502, "key-provider.none", Warning,
        "Nobody holds the app's keys",
        "Disk and keys do not outlive the boot, or are not protected.",
        "select the provider `kms`",
        "dstack-types, KeyProviderKind";
    KeyContradiction = 503, "key-provider.contradictory", Error,
        "The selectors of the key provider contradict each other",
        "Images of different versions choose different providers.",
        "keep one selector",
        "dstack-types, AppCompose";
    KeyLocal = 504, "key-provider.local", Note,
        "The keys are bound to one machine",
        "The app cannot move, and whoever runs the machine runs the key provider.",
        "select the provider `kms`, unless this is meant",
        "dstack-types, KeyProviderKind";
    PublicLogs = 511, "logs.public", Warning,
        "Logs are public",
        "Anybody can read what the containers print, secrets among it.",
        "set `public_logs` to false",
        "dstack docs/security/security-best-practices.md";
    HiddenEvidence = 512, "evidence.hidden", Warning,
        "The app hides its evidence",
        "Nobody outside can tell what was measured: a verifier can only answer that it does not know.",
        "set `public_tcbinfo` to true",
        "dstack-types, AppCompose";
    UnsecureTime = 513, "time.not-secure", Note,
        "The clock is the host's",
        "The host can set the clock, and with it what the app takes for expired.",
        "set `secure_time` to true",
        "dstack-types, AppCompose";
    ScriptGate = 601, "script.gate", Error,
        "The pre-launch script is used as a gate",
        "It runs after the container engine has started, so containers that restart by themselves are up before it refuses.",
        "put the check into `init_script`, or drop the restart policy",
        "dstack docs/security/security-best-practices.md";
    ScriptUnpublished = 602, "script.unpublished", Warning,
        "The pre-launch script is not a published one",
        "It runs as root of the guest, before the containers, and no one else has read it.",
        "review it line by line, then suppress this finding with the reason",
        "Dstack-TEE/dstack-examples, phala-cloud-prelaunch-script";
    ScriptPublished = 603, "script.published", Note,
        "The pre-launch script is a published one",
        "The platform puts it in, and another version of it is another compose hash.",
        "nothing, if this version is the one that was approved",
        "Dstack-TEE/dstack-examples, phala-cloud-prelaunch-script";
    ScriptFetches = 604, "script.fetches-code", Error,
        "A script fetches code",
        "What is fetched is decided when the app starts, and is measured by nothing.",
        "put the code into an image that is named by digest",
        "dstack docs/security/security-best-practices.md";
    Ssh = 611, "ssh.access", Warning,
        "There is a way in by SSH",
        "Whoever holds the key or the password is root of the guest and sees everything in it.",
        "take the server, the keys and the variables that bring them out",
        "Dstack-TEE/dstack-examples, phala-cloud-prelaunch-script";
    SecretKnown = 701, "secret.known-form", Error,
        "A secret is written in the document",
        "The document is public: whoever sees the evidence can read it.",
        "make the secret invalid, and bring a new one as an encrypted variable",
        "published forms of keys and tokens";
    SecretValue = 702, "secret.value", Error,
        "A secret seems to be written in the document",
        "The document is public: whoever sees the evidence can read it.",
        "make the secret invalid, and bring a new one as an encrypted variable",
        "teeproof";
    EnvApproves = 801, "approval.by-variable", Error,
        "A variable says which code is trusted",
        "Its value is not measured, so whoever sets it decides what this app accepts.",
        "write the approved values into the document, or read them from a chain",
        "dstack, allowed_envs";
    AppIdOnly = 802, "approval.app-id-only", Warning,
        "Apps are accepted by their id",
        "An app id stays the same when the code changes, and the host sets it: it says nothing about code.",
        "accept by compose hash, with the app id beside it",
        "dstack, app id";
}

impl Rule {
    /// The frozen number.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Finds a rule by its id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }

    /// Whether a finding says that the document does not pin the code that runs in containers.
    pub const fn moves_code(self) -> bool {
        matches!(
            self,
            Self::NoCode
                | Self::Include
                | Self::NotByDigest
                | Self::NoImage
                | Self::ImageVariable
                | Self::CommandVariable
                | Self::Build
                | Self::Extends
        )
    }

    /// Whether a finding may be suppressed. What was not read was not judged, so it may not.
    pub const fn may_be_suppressed(self) -> bool {
        !matches!(self, Self::Unreadable | Self::NoCode)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_ids_are_unique() {
        for pair in Rule::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number(), "{}", pair[1]);
        }
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert!(rule.why().ends_with('.') && !rule.mend().ends_with('.'));
        }
    }
}

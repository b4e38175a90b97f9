//! The kinds of change: a closed table of stable ids, each with its risk and the reason for it.

/// How much a change needs a second pair of eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// What the guest does stays the same.
    None,
    /// Nothing that guards the app gives way.
    Low,
    /// It may be meant; somebody who knows the app has to say so.
    Review,
    /// It can change whose code runs, who reads its data or who holds its keys.
    High,
}

impl Risk {
    /// All classes, the least first.
    pub const ALL: &'static [Self] = &[Self::None, Self::Low, Self::Review, Self::High];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Review => "review",
            Self::High => "high",
        }
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindRow {
    /// The stable id.
    pub id: &'static str,
    /// Its risk.
    pub risk: Risk,
    /// Its risk the other way round: where a switch is set to the safer side, or where only the order
    /// of a list changed.
    pub relaxed: Risk,
    /// What happened, in words.
    pub title: &'static str,
    /// Why it has that risk.
    pub why: &'static str,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $risk:ident, $relaxed:ident, $title:literal, $why:literal;)*) => {
        /// What kind of change it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ChangeKind {
            $(#[doc = $title] $name,)*
        }

        impl ChangeKind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its row.
            pub const fn row(self) -> KindRow {
                match self {
                    $(Self::$name => KindRow {
                        id: $id,
                        risk: Risk::$risk,
                        relaxed: Risk::$relaxed,
                        title: $title,
                        why: $why,
                    },)*
                }
            }
        }
    };
}

kinds! {
    DefaultWritten = "app.default", None, None, "a default written out or left out",
        "an absent field means this value";
    Name = "app.name", Low, Low, "app renamed",
        "a label; it does change the hash";
    ManifestVersion = "app.manifest-version", Review, Low, "manifest version changed",
        "it decides which fields the guest reads";
    Runner = "app.runner", High, High, "runner changed",
        "another program starts the app, from another field of the document";
    Script = "app.script", High, High, "script changed",
        "it runs as root in the guest, outside of every container";
    PublicLogs = "app.public-logs", High, Low, "public logs switched",
        "with it on, anybody can read what the containers print";
    PublicSysinfo = "app.public-sysinfo", Review, Low, "public system information switched",
        "with it on, anybody can read the load and the containers' names";
    PublicTcbinfo = "app.public-tcbinfo", Review, Low, "public TCB information switched",
        "with it off, an outsider cannot get the app-compose and the event log to verify";
    KeyProvider = "app.key-provider", High, High, "key provider changed",
        "whoever provides the keys can read what they encrypt, and another provider gives other keys";
    KeyProviderPin = "app.key-provider-pin", High, High, "pin of the key provider changed",
        "the pin is what stops a false KMS from giving keys that its owner knows";
    Gateway = "app.gateway", Review, Low, "gateway switched",
        "it decides whether the app is reached from outside, and who ends TLS";
    InstanceId = "app.instance-id", Review, Review, "instance id switched",
        "without one, instances and their disks cannot be told apart";
    SecureTime = "app.secure-time", High, Low, "secure time switched",
        "without it the host decides what time the app sees";
    Storage = "app.storage", Review, Review, "storage changed",
        "disks of an earlier version may not be readable, or not be as protected";
    VerityVolumes = "app.verity-volumes", High, High, "verity volumes changed",
        "they bring files, and so code, into the guest";
    PortPolicy = "app.port-policy", Review, Review, "port policy changed",
        "it decides which ports the gateway lets through";
    Requirements = "app.requirements", High, High, "requirements on the platform changed",
        "the guest refuses to start where they are not met, and fewer of them guard less";
    Registry = "app.registry", High, High, "registry of images changed",
        "an image named by tag comes from whoever runs the registry";
    OtherField = "app.other", Review, Review, "another known field changed",
        "the guest reads it";
    UnknownField = "app.unknown", Review, Review, "a field that is not known here changed",
        "it is measured, and a newer guest may read it";
    EnvNameAdded = "env.name-added", Review, Review, "name of a variable allowed",
        "whoever deploys may now set it to any value, unmeasured";
    EnvNameRemoved = "env.name-removed", Low, Low, "name of a variable no longer allowed",
        "the app no longer gets it from outside";
    EnvOrder = "env.order", None, None, "names of variables in another order",
        "the list is a set; it does change the hash";
    ServiceAdded = "service.added", High, High, "service added",
        "new code runs, and all containers of a guest can ask for its keys and quotes";
    ServiceRemoved = "service.removed", Review, Review, "service removed",
        "what guarded or served the others is gone";
    ImageDigest = "image.digest", Review, Review, "image moved to another digest",
        "other code runs: know what the new digest was built from";
    ImagePinned = "image.pinned", Review, Review, "image pinned by digest",
        "from now on the hash covers the code; that it is the code of the old tag is not shown";
    ImageUnpinned = "image.unpinned", High, High, "image no longer pinned by digest",
        "the hash no longer covers the code that runs";
    ImageTag = "image.tag", High, High, "image moved to another tag",
        "a tag or a variable pins no code, neither before nor after";
    ImageRepository = "image.repository", High, High, "image from another repository",
        "somebody else may have built it";
    ImageLabel = "image.label", None, None, "tag beside the digest changed",
        "the digest decides, and it is the same";
    ImageAdded = "image.added", High, High, "image set",
        "the service now runs it";
    ImageRemoved = "image.removed", High, High, "image no longer set",
        "something else, such as a build on the machine, decides what runs";
    ServiceEnvAdded = "service.env-added", Review, Review, "variable of a service added",
        "the service may behave differently with it";
    ServiceEnvRemoved = "service.env-removed", Review, Review, "variable of a service removed",
        "the service may behave differently without it";
    ServiceEnvValue = "service.env-value", Review, Review, "value of a variable changed",
        "the service may behave differently";
    Command = "service.command", High, High, "command changed",
        "the image does something else";
    Entrypoint = "service.entrypoint", High, High, "entrypoint changed",
        "the image does something else";
    Ports = "service.ports", Review, Low, "ports changed",
        "they decide what of the service is reached, and from where";
    Volumes = "service.volumes", Review, Low, "volumes changed",
        "they decide which files the service shares and keeps";
    GuestMount = "service.guest-mount", High, Low, "mount of the guest's own files changed",
        "sockets of Docker or dstack, devices and system folders give power over the whole guest, its keys and quotes";
    Privileged = "service.privileged", High, Low, "privileged mode switched",
        "a privileged container is as good as the guest";
    Namespaces = "service.namespaces", High, High, "namespaces changed",
        "sharing those of the guest takes down the wall around the container";
    Capabilities = "service.capabilities", High, High, "capabilities, devices or confinement changed",
        "they are the wall around the container";
    Build = "service.build", High, High, "build on the machine changed",
        "what is built there is covered by no hash";
    Operation = "service.operation", Low, Low, "starting, stopping or naming changed",
        "it decides when the service runs, not what it is";
    ServiceOther = "service.other", Review, Review, "another key of a service changed",
        "Docker Compose reads it";
    Shared = "compose.shared", Review, Review, "networks, volumes, configs, secrets or the name of the project changed",
        "services share them";
    Include = "compose.include", High, High, "included files changed",
        "they are not in the document, so the hash does not cover them";
    Extension = "compose.extension", None, None, "extension or version key changed",
        "Docker Compose does not act on it";
    ComposeOther = "compose.other", Review, Review, "another key of the docker-compose file changed",
        "it is not known what reads it";
    ComposeText = "compose.text", High, High, "docker-compose text changed, compared as text",
        "one of the two could not be read as YAML, so what the change means is not known";
}

impl ChangeKind {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        self.row().id
    }

    /// The kind of the same change made backwards.
    pub const fn mirrored(self) -> Self {
        match self {
            Self::EnvNameAdded => Self::EnvNameRemoved,
            Self::EnvNameRemoved => Self::EnvNameAdded,
            Self::ServiceAdded => Self::ServiceRemoved,
            Self::ServiceRemoved => Self::ServiceAdded,
            Self::ImagePinned => Self::ImageUnpinned,
            Self::ImageUnpinned => Self::ImagePinned,
            Self::ImageAdded => Self::ImageRemoved,
            Self::ImageRemoved => Self::ImageAdded,
            Self::ServiceEnvAdded => Self::ServiceEnvRemoved,
            Self::ServiceEnvRemoved => Self::ServiceEnvAdded,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_and_relaxing_is_never_worse() {
        let mut ids: Vec<_> = ChangeKind::ALL.iter().map(|kind| kind.id()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for kind in ChangeKind::ALL {
            let row = kind.row();
            assert!(row.relaxed <= row.risk, "{}", row.id);
            assert_eq!(kind.mirrored().mirrored(), *kind, "{}", row.id);
        }
    }
}

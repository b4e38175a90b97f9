//! Documents built from settings, and settings that are refused.

use super::*;

const YAML: &[u8] = b"services:\n  web:\n    image: \"nginx:1\"\n";

fn build(settings: &str, target: Target) -> Result<Built, BuildError> {
    let read = [("pre.sh", "echo hi\n"), ("one.sh", "1"), ("two.sh", "2")];
    let read = read.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    Settings::parse(settings.as_bytes())?.build(YAML, &read.into(), target)
}

fn code(settings: &str) -> &'static str {
    build(settings, Target::Dstack).unwrap_err().code()
}

// The first worked vector, without the script that normalisation drops.
const VECTOR: &str = "name = \"demo\"\nmanifest_version = 2\npublic_logs = true\npublic_sysinfo = true\npublic_tcbinfo = true\nkms_enabled = true\ngateway_enabled = true\nlocal_key_provider_enabled = false\nno_instance_id = false\nsecure_time = false\nkey_provider_id = \"\"\nallowed_envs = [\"A\"]\n";

#[test]
fn the_worked_vector_is_built() {
    let dstack = build(VECTOR, Target::Dstack).unwrap();
    assert_eq!(
        dstack.document.hash().to_string(),
        "946f4d73888a520b9c036691c451b42edab9072da2aa6b13239458a392344d5c"
    );
    assert_eq!(dstack.left_to_platform, [""; 0]);
    let phala = build(VECTOR, Target::Phala).unwrap();
    assert_eq!(
        phala.document.hash().to_string(),
        "b327bcedba09eb8c3c5668a2d95c399fc4cfb03d320df6aa2c6108343df377d3"
    );
    assert_eq!(
        phala.left_to_platform,
        [
            "features",
            "key_provider",
            "pre_launch_script",
            "storage_fs"
        ]
    );
    assert_eq!(dstack.predictions.len(), Predictor::ALL.len());
    // The tools for dstack's hosts sort nothing: they lay out what was built, field by field.
    let of = |built: &Built, id: &str| {
        let found = built.predictions.iter().find(|(one, _)| one.id() == id);
        found.map(|(_, hash)| hash.clone().unwrap())
    };
    assert_eq!(
        of(&dstack, "dstack-vmm-page"),
        Some(dstack.document.hash()),
        "compact and in the same order"
    );
    let text = std::str::from_utf8(dstack.document.bytes()).unwrap();
    let inner = text.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
    let indented = inner
        .replace("[\"A\"]", "[\n        \"A\"\n    ]")
        .replace("\":", "\": ")
        .replace(",\"", ",\n    \"");
    let indented = format!("{{\n    {indented}\n}}");
    assert_eq!(
        of(&dstack, "dstack-vmm-cli"),
        Some(ComposeHash::of(indented.as_bytes()).unwrap())
    );
    // Phala Cloud is none of their hosts.
    assert_eq!(of(&phala, "dstack-vmm-cli"), None);
    assert_eq!(phala.predictions.len(), Predictor::ALL.len() - 2);
}

#[test]
fn files_become_fields() {
    let settings = "name = \"a\"\nmanifest_version = \"3\"\n[files]\npre_launch_script = \"pre.sh\"\ninit_script = [\"one.sh\", \"two.sh\"]\n";
    let built = build(settings, Target::Dstack).unwrap();
    assert_eq!(built.document.text("pre_launch_script"), Some("echo hi\n"));
    assert_eq!(built.document.texts("init_script"), ["1", "2"]);
    assert_eq!(built.document.manifest(), Ok(3));
    let one = build(
        "name=\"a\"\n[files]\ninit_script = \"one.sh\"\n",
        Target::Dstack,
    )
    .unwrap();
    assert_eq!(one.document.text("init_script"), Some("1"));
    assert_eq!(one.document.text("runner"), Some("docker-compose"));
}

#[test]
fn a_value_of_the_environment_is_no_part_and_a_name_is() {
    let hash = |envs: &str| {
        let settings = format!("name = \"runner\"\nallowed_envs = {envs}\n");
        build(&settings, Target::Dstack).unwrap().document.hash()
    };
    // Values go to the machine encrypted, beside the document: nothing of them can enter here.
    assert_eq!(hash("[\"REGISTRY_URL\"]"), hash("[\"REGISTRY_URL\"]"));
    assert_eq!(
        code("name = \"runner\"\nenv = { REGISTRY_URL = \"https://a\" }\n"),
        "build.unknown-field"
    );
    assert_ne!(
        hash("[\"REGISTRY_URL\"]"),
        hash("[\"REGISTRY_URL\", \"TOKEN\"]")
    );
    assert_ne!(hash("[\"REGISTRY_URL\"]"), hash("[\"REGISTRY_URI\"]"));
    assert_ne!(hash("[\"REGISTRY_URL\"]"), hash("[]"));
}

#[test]
fn settings_that_are_no_settings() {
    for (settings, expected) in [
        ("", "build.no-name"),
        ("name = \"\"\n", "build.no-name"),
        ("name = \n", "build.not-toml"),
        ("name = \"a\"\nname = \"b\"\n", "build.not-toml"),
        ("name = \"a\"\npublic_log = true\n", "build.unknown-field"),
        ("name = \"a\"\npublic_logs = \"yes\"\n", "build.wrong-kind"),
        ("name = \"a\"\nswap_size = 1.5\n", "build.wrong-kind"),
        ("name = \"a\"\nswap_size = -1\n", "build.wrong-kind"),
        ("name = 1979-05-27\n", "build.wrong-kind"),
        (
            "name = \"a\"\ndocker_compose_file = \"x\"\n",
            "build.misplaced",
        ),
        ("name = \"a\"\nfiles = 1\n", "build.wrong-kind"),
        (
            "name = \"a\"\n[files]\npre_launch_script = 1\n",
            "build.wrong-kind",
        ),
        (
            "name = \"a\"\n[files]\npre_launch_script = [\"pre.sh\"]\n",
            "build.wrong-kind",
        ),
        ("name = \"a\"\n[files]\nname = \"x\"\n", "build.misplaced"),
        (
            "name = \"a\"\n[files]\nbash_script = \"none.sh\"\n",
            "build.no-script",
        ),
        (
            "name = \"a\"\nbash_script = \"\"\n[files]\nbash_script = \"one.sh\"\n",
            "build.misplaced",
        ),
        ("name = \"a\"\nmanifest_version = 3\n", "build.manifest"),
        ("name = \"a\"\nmanifest_version = \"x\"\n", "build.manifest"),
    ] {
        assert_eq!(code(settings), expected, "{settings}");
    }
    let deep = format!(
        "name = \"a\"\nport_policy = {}1{}\n",
        "{a=".repeat(70),
        "}".repeat(70)
    );
    assert_eq!(code(&deep), "build.no-document");
    let deeper = format!("name = \"a\"\nfeatures = {}\n", "[".repeat(100_000));
    assert_eq!(code(&deeper), "build.not-toml");
    let large = " ".repeat(limits::POLICY + 1);
    assert_eq!(code(&large), "build.too-large");
    assert_eq!(
        Settings::parse(b"\xff").unwrap_err().code(),
        "build.encoding"
    );
}

#[test]
fn docker_compose_files_that_are_none() {
    let settings = Settings::parse(b"name = \"a\"\n").unwrap();
    let code = |yaml: &[u8], target| {
        settings
            .build(yaml, &BTreeMap::new(), target)
            .unwrap_err()
            .code()
    };
    let dstack = Target::Dstack;
    assert_eq!(code(b"services:\n", dstack), "build.no-services");
    assert_eq!(code(b"", dstack), "build.no-services");
    assert_eq!(code(b"services: [\n", dstack), "build.yaml");
    assert_eq!(code(b"a: 1\na: 2\n", dstack), "build.yaml");
    assert_eq!(code(b"\xff", dstack), "build.encoding");
    let long = format!("services:\n  a:\n    image: {}\n", "x".repeat(PHALA_CAP));
    assert_eq!(code(long.as_bytes(), Target::Phala), "build.over-phala-cap");
    assert!(
        settings
            .build(long.as_bytes(), &BTreeMap::new(), dstack)
            .is_ok()
    );
    let vast = vec![b'#'; crate::limits::YAML + 1];
    assert_eq!(code(&vast, dstack), "build.yaml");
}

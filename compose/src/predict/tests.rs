//! The worked vectors, what each language does differently, and what is refused.

use super::*;
use teeproof_core::limits;

const VECTOR_1: &str = r#"{"manifest_version":2,"name":"demo","runner":"docker-compose","docker_compose_file":"services:\n  web:\n    image: \"nginx:1\"\n","public_logs":true,"public_sysinfo":true,"public_tcbinfo":true,"kms_enabled":true,"gateway_enabled":true,"local_key_provider_enabled":false,"no_instance_id":false,"secure_time":false,"key_provider_id":"","allowed_envs":["A"],"pre_launch_script":"","bash_script":"x"}"#;

const VECTOR_2: &str = r#"{"runner":"docker-compose","name":"d2","manifest_version":2,"docker_compose_file":"services:\n  web:\n    image: nginx\n    environment:\n      \"A\": b\n"}"#;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

fn text(predictor: Predictor, document: &str) -> String {
    String::from_utf8(predictor.bytes(&json(document)).unwrap()).unwrap()
}

fn refused(predictor: Predictor, document: &str) -> &'static str {
    predictor.bytes(&json(document)).unwrap_err().code()
}

#[test]
fn the_worked_vectors() {
    let hash = |predictor: Predictor, text| predictor.hash(&json(text)).unwrap().to_string();
    for (predictor, one, two) in [
        (
            Predictor::DstackJs,
            "15db6b4b87d7c65df1a5ddb63ff2c97f289727f7a459cac65d5d0faa3b18f357",
            "e2f4914c5cc65aaebabf9cf77ade6a18721819a8ddefb4b5c2fe0fb7d85e26a7",
        ),
        (
            Predictor::DstackPython,
            "15db6b4b87d7c65df1a5ddb63ff2c97f289727f7a459cac65d5d0faa3b18f357",
            "e2f4914c5cc65aaebabf9cf77ade6a18721819a8ddefb4b5c2fe0fb7d85e26a7",
        ),
        (
            Predictor::DstackJsNormalised,
            "946f4d73888a520b9c036691c451b42edab9072da2aa6b13239458a392344d5c",
            "e2f4914c5cc65aaebabf9cf77ade6a18721819a8ddefb4b5c2fe0fb7d85e26a7",
        ),
        (
            Predictor::DstackPythonNormalised,
            "946f4d73888a520b9c036691c451b42edab9072da2aa6b13239458a392344d5c",
            "e2f4914c5cc65aaebabf9cf77ade6a18721819a8ddefb4b5c2fe0fb7d85e26a7",
        ),
        (
            Predictor::PhalaJs,
            "b327bcedba09eb8c3c5668a2d95c399fc4cfb03d320df6aa2c6108343df377d3",
            "7c31856c088757efadbd52d597602b3438b476a3b3eaed7e266e3698e2377ad6",
        ),
        (
            Predictor::PhalaPythonNormalised,
            "b327bcedba09eb8c3c5668a2d95c399fc4cfb03d320df6aa2c6108343df377d3",
            "85e97d3cef8c916680e870ead59317c2045b95e30e361f02344549f5f36e3fb8",
        ),
    ] {
        assert_eq!(hash(predictor, VECTOR_1), one, "{}", predictor.id());
        assert_eq!(hash(predictor, VECTOR_2), two, "{}", predictor.id());
    }
    let bytes = Predictor::PhalaJs.bytes(&json(VECTOR_1)).unwrap();
    assert_eq!(bytes.len(), 440);
    assert!(bytes.starts_with(b"{\n    \"allowed_envs\":[\n"));
}

#[test]
fn names_are_stable_and_distinct() {
    let mut ids: Vec<_> = Predictor::ALL.iter().map(|one| one.id()).collect();
    for id in &ids {
        assert_eq!(Predictor::named(id).unwrap().id(), *id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), Predictor::ALL.len());
    assert_eq!(Predictor::named("dstack"), None);
}

#[test]
fn phala_eats_the_blank_inside_texts_and_python_does_not() {
    let document = r#"{"runner":"bash","b":"x\": y","a":[],"c":{},"n":1.0}"#;
    assert_eq!(
        text(Predictor::PhalaJs, document),
        "{\n    \"a\":[],\n    \"b\":\"x\\\":y\",\n    \"c\":{},\n    \"n\":1,\n    \"runner\":\"bash\"\n}"
    );
    assert_eq!(
        text(Predictor::PhalaPython, document),
        "{\n    \"a\":[],\n    \"b\":\"x\\\": y\",\n    \"c\":{},\n    \"n\":1.0,\n    \"runner\":\"bash\"\n}"
    );
}

#[test]
fn python_sorts_the_top_only() {
    assert_eq!(
        text(Predictor::PhalaPython, r#"{"b":{"z":1,"y":2},"a":0}"#),
        "{\n    \"a\":0,\n    \"b\":{\n        \"z\":1,\n        \"y\":2\n    }\n}"
    );
}

// Each line is what the function of dstack's Go module gave. It was built with Go 1.19, which has no
// short forms of the control characters \b and \f; Go has them since 1.22, and the module asks for
// 1.25.
#[test]
fn go_keeps_its_fields_and_escapes_for_html() {
    for (document, expected) in [
        (r#"{}"#, r#"{"runner":""}"#),
        (
            r#"{"runner":"r","docker_compose_file":"a && b <c> \u2028\u007f\u0001\b","init_script":"x","unknown":1,"salt":"s"}"#,
            r#"{"docker_compose_file":"a \u0026\u0026 b \u003cc\u003e \u2028"#,
        ),
        (
            r#"{"runner":"r","features":[],"allowed_envs":["B",null,"A"],"name":"","public_logs":false,"secure_time":null}"#,
            r#"{"allowed_envs":["B","","A"],"public_logs":false,"runner":"r"}"#,
        ),
        (
            r#"{"manifest_version":2.0,"runner":"bash","requirements":{"platforms":[],"gpu_policy":{}},"docker_config":{},"pre_launch_script":""}"#,
            r#"{"docker_config":{},"manifest_version":2,"requirements":{"platforms":[]},"runner":"bash"}"#,
        ),
        (
            r#"{"manifest_version":{"b":-0,"a":[1e21]},"runner":null}"#,
            r#"{"manifest_version":{"a":[1e+21],"b":-0},"runner":""}"#,
        ),
    ] {
        let found = text(Predictor::DstackGo, document);
        assert!(found.starts_with(expected), "{found}");
    }
    assert_eq!(
        text(
            Predictor::DstackGo,
            r#"{"runner":"\u2028\u2029\u007f\u0001\b\f\n\"\\/é😀"}"#
        ),
        "{\"runner\":\"\\u2028\\u2029\u{7f}\\u0001\\b\\f\\n\\\"\\\\/é😀\"}"
    );
}

#[test]
fn normalisation_drops_what_the_runner_has_no_use_for() {
    let both = |runner: &str| {
        format!(
            r#"{{"runner":{runner},"docker_compose_file":"d","bash_script":"b","pre_launch_script":"p"}}"#
        )
    };
    let bash = r#"{"bash_script":"b","pre_launch_script":"p","runner":"bash"}"#;
    let docker = r#"{"docker_compose_file":"d","pre_launch_script":"p","runner":"docker-compose"}"#;
    let nerdctl =
        r#"{"docker_compose_file":"d","pre_launch_script":"p","runner":"nerdctl-compose"}"#;
    let all = r#"{"bash_script":"b","docker_compose_file":"d","pre_launch_script":"p","runner":"nerdctl-compose"}"#;
    for (predictor, of_nerdctl) in [
        (Predictor::DstackJsNormalised, all),
        (Predictor::DstackPythonNormalised, all),
        (Predictor::DstackJsUnreleased, nerdctl),
        (Predictor::DstackGoNormalised, nerdctl),
    ] {
        assert_eq!(
            text(predictor, &both("\"bash\"")),
            bash,
            "{}",
            predictor.id()
        );
        assert_eq!(text(predictor, &both("\"docker-compose\"")), docker);
        assert_eq!(text(predictor, &both("\"nerdctl-compose\"")), of_nerdctl);
    }
}

#[test]
fn an_empty_script_is_empty_by_the_rules_of_the_language() {
    for (value, in_js, in_python) in [
        ("\"\"", true, true),
        ("null", true, true),
        ("0.0", true, true),
        ("false", true, true),
        ("[]", false, true),
        ("{}", false, true),
        ("\"x\"", false, false),
        ("true", false, false),
        ("[0]", false, false),
    ] {
        let document = format!(r#"{{"runner":"r","pre_launch_script":{value}}}"#);
        for (predictor, dropped) in [
            (Predictor::DstackJsNormalised, in_js),
            (Predictor::DstackPythonNormalised, in_python),
        ] {
            let found = text(predictor, &document).contains("pre_launch_script");
            assert_eq!(!found, dropped, "{value} {}", predictor.id());
        }
    }
}

#[test]
fn what_a_package_fails_on_is_not_predicted() {
    for document in [
        r#"{"name":"a"}"#,
        r#"{"runner":null}"#,
        r#"{"runner":1}"#,
        r#"{"runner":"r","docker_config":null}"#,
        r#"{"runner":"r","docker_config":[]}"#,
        r#"{"runner":"r","docker_config":{"other":1}}"#,
        r#"{"runner":"r","self":1}"#,
        r#"{"runner":"r","to_dict":1}"#,
        r#"{"runner":"r","__class__":1}"#,
    ] {
        assert_eq!(
            refused(Predictor::DstackPython, document),
            "predict.field",
            "{document}"
        );
    }
    for document in [
        r#"{"runner":1}"#,
        r#"{"name":[]}"#,
        r#"{"Name":"a"}"#,
        "{\"u\u{17f}ed\":1,\"feature\u{17f}\":1}",
        r#"{"allowed_envs":"A"}"#,
        r#"{"allowed_envs":[1]}"#,
        r#"{"public_logs":"true"}"#,
        r#"{"requirements":[]}"#,
        r#"{"requirements":{"OS_version":""}}"#,
        r#"{"docker_config":{"registry":1}}"#,
    ] {
        assert_eq!(
            refused(Predictor::DstackGo, document),
            "predict.field",
            "{document}"
        );
    }
    for predictor in Predictor::ALL {
        for document in ["[]", "1", "\"x\"", "null"] {
            assert_eq!(refused(predictor, document), "predict.not-an-object");
        }
    }
}

#[test]
fn indentation_does_not_outgrow_the_cap() {
    // Sixty levels of a list with many numbers: 240 blanks for each.
    let depth = 60;
    let numbers = vec!["1"; 100_000].join(",");
    let document = format!(
        "{{\"a\":{}{numbers}{}}}",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    assert!(document.len() < limits::APP_COMPOSE);
    assert_eq!(refused(Predictor::PhalaJs, &document), "predict.too-large");
    assert_eq!(
        refused(Predictor::PhalaPython, &document),
        "predict.too-large"
    );
    assert!(Predictor::DstackJs.bytes(&json(&document)).is_ok());
}

//! A real log of a dstack 0.4 or 0.5.0 guest with its registers, for tests: the worked replay of
//! `quote-report.json` (dstack, `verifier/fixtures`). Boot payloads are stripped.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::{EventLog, EventParts, RUNTIME_EVENT_TYPE, ReplayedLog};
use crate::bytes::{Measurement, decode_hex};

pub(crate) const MRTD: &str = "b24d3b24e9e3c16012376b52362ca09856c4adecb709d5fac33addf1c47e193da075b125b6c364115771390a5461e217";

pub(crate) const REGISTERS: [&str; 4] = [
    "2e3843265f8ecdd4e2282694747f6f2f111605c33f2a8882f5734ee6f3a6ce63d8f34aeef06093dcda76fa5f9d33d8d6",
    "a1b79d76021970f57c45c4a7c395f780bab37011a4df27fe44e8559bd1abb4d6e52f12f866d1d08405448eb797a5970f",
    "1e31b59d605df7ee8160cf7966be9bafa6d0e1905de7e09695a24cd9748e71a603a51fae1297619fa0c30517addbcd07",
    "0f787c3877f3e95095d5a4d13dd0fe0233803b30120d8469866719dc28f519ce021fe1e53459121e7a5a4443147185a8",
];

/// Register, event type, digest.
const BOOT: &[(u32, u32, &str)] = &[
    (
        0,
        0x8000000b,
        "8ae1e425351df7992c444586eff99d35af3b779aa2b0e981cb4b73bc5b279f2ade19b6a62a203fc3c3bbdaae80af596d",
    ),
    (
        0,
        0x8000000a,
        "344bc51c980ba621aaa00da3ed7436f7d6e549197dfe699515dfa2c6583d95e6412af21c097d473155875ffd561d6790",
    ),
    (
        0,
        0x80000001,
        "9dc3a1f80bcec915391dcda5ffbb15e7419f77eab462bbf72b42166fb70d50325e37b36f93537a863769bcf9bedae6fb",
    ),
    (
        0,
        0x80000001,
        "6f2e3cbc14f9def86980f5f66fd85e99d63e69a73014ed8a5633ce56eca5b64b692108c56110e22acadcef58c3250f1b",
    ),
    (
        0,
        0x80000001,
        "d607c0efb41c0d757d69bca0615c3a9ac0b1db06c557d992e906c6b7dee40e0e031640c7bfd7bcd35844ef9edeadc6f9",
    ),
    (
        0,
        0x80000001,
        "08a74f8963b337acb6c93682f934496373679dd26af1089cb4eaf0c30cf260a12e814856385ab8843e56a9acea19e127",
    ),
    (
        0,
        0x80000001,
        "18cc6e01f0c6ea99aa23f8a280423e94ad81d96d0aeb5180504fc0f7a40cb3619dd39bd6a95ec1680a86ed6ab0f9828d",
    ),
    (
        0,
        0x4,
        "394341b7182cd227c5c6b07ef8000cdfd86136c4292b8e576573ad7ed9ae41019f5818b4b971c9effc60e1ad9f1289f0",
    ),
    (
        0,
        0xa,
        "2065dd48d647e4377db277ba203526901a17845e93e0df4c2dfc3ce136e0910324ead1e1c86b8d90c2acdf9c85ffac53",
    ),
    (
        0,
        0xa,
        "772b0169c66b52e4453fff9e3c6257635ea950ebcc8edd7ef2e2f8241cf6a155f39df01a7c7a194b6bc0abe5de11861d",
    ),
    (
        0,
        0xa,
        "abfb2256644b5786eefdcb92303d2008c36cb9500d98997e215ef5080745d4bf2e5b3629090918e193e7f05b173d48c5",
    ),
    (
        1,
        0x80000003,
        "0761fbfa317a42d8edbe9e404178d102adc059cface98c5e07d1d535371c145c3497fd2a19b8398568b8c8a6f95e0a86",
    ),
    (
        0,
        0x80000002,
        "1dd6f7b457ad880d840d41c961283bab688e94e4b59359ea45686581e90feccea3c624b1226113f824f315eb60ae0a7c",
    ),
    (
        0,
        0x80000002,
        "23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28eacf7047ae6e967c58fd2a98bfa74c298",
    ),
    (
        1,
        0x80000007,
        "77a0dab2312b4e1e57a84d865a21e5b2ee8d677a21012ada819d0a98988078d3d740f6346bfe0abaa938ca20439a8d71",
    ),
    (
        1,
        0x4,
        "394341b7182cd227c5c6b07ef8000cdfd86136c4292b8e576573ad7ed9ae41019f5818b4b971c9effc60e1ad9f1289f0",
    ),
    (
        2,
        0x6,
        "4027cb4ec64dbc24b6d98d9470daeefc749bbb6a9b011762d215f6ed3eb833d58fd72d9ad850958f72878182e6f61924",
    ),
    (
        2,
        0x6,
        "63e06e29cf98f2fce71abd3a9629dff48457b47c010b64e11f7a2b42dd99bfa14ee35660b3f5d3fc376261d6ba9a6d6b",
    ),
    (
        1,
        0x80000007,
        "214b0bef1379756011344877743fdc2a5382bac6e70362d624ccf3f654407c1b4badf7d8f9295dd3dabdef65b27677e0",
    ),
    (
        1,
        0x80000007,
        "0a2e01c85deae718a530ad8c6d20a84009babe6c8989269e950d8cf440c6e997695e64d455c4174a652cd080f6230b74",
    ),
];

/// Name, payload, digest.
pub(crate) const RUNTIME: &[(&str, &[u8], &str)] = &[
    ("system-preparing", b"", "f9974020ef507068183313d0ca808e0d1ca9b2d1ad0c61f5784e7157c362c06536f5ddacdad4451693f48fcc72fff624"),
    ("app-id", &[0x37, 0x63, 0xbc, 0x34, 0x55, 0x2c, 0xf3, 0xa2, 0x7f, 0xf7, 0x1a, 0xd5, 0xf7, 0xa9, 0x04, 0x71, 0x56, 0x2a, 0x1a, 0x2d], "837c2dd72f8a4c740159e5e042ed79b7eaaa5ab3a151a45e27bc366bb8b27e6c3faec87aab1e95197d3e6d23308d448c"),
    ("compose-hash", &[0x37, 0x63, 0xbc, 0x34, 0x55, 0x2c, 0xf3, 0xa2, 0x7f, 0xf7, 0x1a, 0xd5, 0xf7, 0xa9, 0x04, 0x71, 0x56, 0x2a, 0x1a, 0x2d, 0xf5, 0x52, 0xdf, 0xc1, 0x99, 0x8c, 0xba, 0x2d, 0x60, 0xda, 0x27, 0xe7], "b883bee0b216618b1ce0e7a1bb4a9379b486cef8aadf0c682cb6e80c083f7982dbf104183c24a74693d860f4ffc8b72f"),
    ("instance-id", &[0xc3, 0x71, 0x4e, 0xb6, 0x69, 0x90, 0xea, 0xce, 0x77, 0x7b, 0x4e, 0x66, 0x4c, 0x16, 0xe0, 0x93, 0x75, 0xde, 0xc4, 0xc9], "9af8567194629f6798aafa76d95427bb7e84864145ee79fdf4ca29f5c743c159379c1c805934decfa513821edaa77fb7"),
    ("boot-mr-done", b"", "98bd7e6bd3952720b65027fd494834045d06b4a714bf737a06b874638b3ea00ff402f7f583e3e3b05e921c8570433ac6"),
    ("key-provider", b"{\"name\":\"local-sgx\",\"id\":\"1b7a49378403249b6986a907844cab0921eca32dd47e657f3c10311ccaeccf8b\"}", "74ca939b8c3c74aab3c30966a788f7743951d54a936a711dd01422f003ff9df6666f3cc54975d2e4f35c829865583f0f"),
    ("system-ready", b"", "1a76b2a80a0be71eae59f80945d876351a7a3fb8e9fd1ff1cede5734aa84ea11fd72b4edfbb6f04e5a85edd114c751bd"),
    ("LIUM_MINER_HOTKEY", b"5D33PtgfkGYQsMLCMrKBjVEMTESqRYDFffT6r9jBdaH3eLt4", "64c2c025c0e916a1802e8beee830954fe5693f3fb0f2ffb077d7d3f149c5525e2c1bfb0a15046b84f4038ba6f152588f"),
];

/// The number of the first runtime event in [`parts`].
pub(crate) const FIRST_RUNTIME: usize = BOOT.len();

fn bytes(hex: &str) -> Vec<u8> {
    decode_hex(hex, 48).unwrap()
}

/// A runtime event of version 1 without a stated digest.
pub(crate) fn runtime(name: &str, payload: &[u8]) -> EventParts {
    EventParts {
        register: 3,
        event_type: RUNTIME_EVENT_TYPE,
        digest: vec![],
        name: name.to_string(),
        payload: payload.to_vec(),
        version: 1,
        preimage: None,
    }
}

/// A boot event.
pub(crate) fn boot(register: u32, event_type: u32, digest: &str) -> EventParts {
    EventParts {
        register,
        event_type,
        digest: bytes(digest),
        ..runtime("", b"")
    }
}

/// The whole log.
pub(crate) fn parts() -> Vec<EventParts> {
    let boot_events = BOOT
        .iter()
        .map(|(register, event_type, digest)| boot(*register, *event_type, digest));
    let runtime_events = RUNTIME.iter().map(|(name, payload, digest)| EventParts {
        digest: bytes(digest),
        ..runtime(name, payload)
    });
    boot_events.chain(runtime_events).collect()
}

pub(crate) fn registers() -> [Measurement; 4] {
    REGISTERS.map(|register| register.parse().unwrap())
}

/// A log that replays to whatever it replays to.
pub(crate) fn replayed(parts: Vec<EventParts>) -> ReplayedLog {
    let log = EventLog::from_parts(parts).unwrap();
    let registers = log.replay().unwrap();
    log.replay_against(&registers).unwrap()
}

//! Whom a connection ended with: a fresh answer proves that some TD gave it, and only a key in the
//! quote proves that it was the one at the other end.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "this file is tests and their helpers"
)]

mod common;

use common::{Sample, evidence, options, outcome, policy};
use teeproof_core::{BundleChallenge, Bytes32, Challenge, Channel, DerivationRule, Exchange};
use teeproof_forge::Scenario;
use teeproof_forge::challenge::Rule;

/// A forged app whose report data hold a challenge and the digest of a channel's key.
fn asked_over_a_channel(stated: Option<Bytes32>) -> (Sample, Challenge) {
    let mut asked = Challenge::new(vec![0x42; 32], DerivationRule::TeeproofEvidence);
    asked.channel_key = stated;
    let mut scenario = Scenario::tdx_v4();
    let report_data = asked.expected_report_data().unwrap();
    scenario.ask(report_data.as_slice(), Rule::Raw64);
    let issued = scenario.issue();
    let mut sample = Sample {
        evidence: evidence(&issued),
        options: options(&issued),
    };
    asked.channel_key = None;
    sample.evidence.challenge = Some(BundleChallenge {
        bytes: asked.bytes.clone(),
        rule: asked.rule.name().to_owned(),
        channel_key: stated,
    });
    (sample, asked)
}

#[test]
fn a_channel_is_bound_only_by_its_key_in_the_quote() {
    let key = Bytes32::new([0x11; 32]);
    let other = Bytes32::new([0x22; 32]);
    let live = |tls_key| Channel::Live { tls_key };
    let demanded = "schema = \"teeproof.policy/1\"\nchannel = \"bound\"\n";
    for (stated, channel, free, bound) in [
        (Some(key), live(Some(key)), ("bound", "passed"), "passed"),
        (
            Some(key),
            live(Some(other)),
            ("unbound", "not-requested"),
            "failed",
        ),
        (
            Some(key),
            live(None),
            ("unbound", "not-requested"),
            "failed",
        ),
        (
            None,
            live(Some(key)),
            ("unbound", "not-requested"),
            "failed",
        ),
        (None, live(None), ("unbound", "not-requested"), "failed"),
        (
            Some(key),
            Channel::Saved,
            ("saved", "not-requested"),
            "skipped",
        ),
    ] {
        let (mut sample, asked) = asked_over_a_channel(stated);
        sample.options.exchange = Exchange {
            challenge: Some(asked),
            channel,
        };
        let answer = sample.answer();
        assert_eq!(outcome(&answer, "freshness.challenge"), "passed");
        assert_eq!(
            (answer.channel.as_str(), outcome(&answer, "channel.binding")),
            free
        );
        assert_eq!(
            answer.headline.contains("channel unbound"),
            free.0 == "unbound"
        );
        sample.options.policy = policy(demanded);
        assert_eq!(outcome(&sample.answer(), "channel.binding"), bound);
    }
}

#[test]
fn a_stale_answer_binds_no_channel() {
    let key = Bytes32::new([0x11; 32]);
    let (mut sample, mut asked) = asked_over_a_channel(Some(key));
    asked.bytes[0] ^= 1;
    sample.options.exchange = Exchange {
        challenge: Some(asked),
        channel: Channel::Live { tls_key: Some(key) },
    };
    let answer = sample.answer();
    assert_eq!(outcome(&answer, "freshness.challenge"), "failed");
    assert_eq!(answer.channel, "unbound");
}

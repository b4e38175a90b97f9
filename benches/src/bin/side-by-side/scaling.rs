//! How cost grows with what is judged: a table, and a plot of it in SVG.

use std::fmt::Write as _;
use std::hint::black_box;

use teeproof_benches::{Forged, QUOTE, at, forged, forged_with_compose, intel, parts};
use teeproof_bindings::{Engines, Memory, verify_remembering};
use teeproof_core::{CollateralSet, Examination};
use teeproof_crypto_ring::RingVerifier;

use crate::clock::once;

/// A quantity that grows, and what was measured.
pub(crate) struct Series {
    /// The name of the plot's file, without its ending.
    pub(crate) file: &'static str,
    /// What grows.
    pub(crate) of: &'static str,
    /// How many there were, and microseconds for all of them.
    points: Vec<(usize, f64)>,
}

/// All series, up to sizes that take seconds; with `short`, the smallest sizes alone.
pub(crate) fn all(short: bool) -> [Series; 3] {
    let steps = |sizes: &[usize]| {
        sizes
            .iter()
            .copied()
            .take(if short { 2 } else { 9 })
            .collect()
    };
    [
        series(
            "quotes",
            "quotes of one platform",
            steps(&[100, 1_000, 10_000, 100_000]),
            quotes,
        ),
        series(
            "events",
            "events in the log",
            steps(&[64, 256, 1_024, 4_096, 8_000]),
            |events| report(forged(events)),
        ),
        series(
            "compose",
            "bytes of app-compose",
            steps(&[1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20]),
            |bytes| report(forged_with_compose(bytes)),
        ),
    ]
}

fn series(
    file: &'static str,
    of: &'static str,
    sizes: Vec<usize>,
    time: impl Fn(usize) -> f64,
) -> Series {
    let points = sizes.into_iter().map(|size| (size, time(size))).collect();
    Series { file, of, points }
}

/// Proofs of so many quotes, with collateral and memory of their own at the start.
fn quotes(count: usize) -> f64 {
    once(|| {
        let memory = Memory::default();
        let backend = memory.backend(&RingVerifier);
        let mut set = CollateralSet::new(intel());
        set.add(&parts(), &backend).expect("authentic collateral");
        for _ in 0..count {
            let quote = black_box(QUOTE);
            let proof = Examination::remembering(quote, &set, at(), &backend, &memory);
            assert!(proof.verified().is_some(), "a good quote");
        }
    })
}

/// A full report in JSON, everything that can be known known: the median of some.
fn report(forged: Forged) -> f64 {
    let memory = Memory::default();
    let judge = || {
        let judged = verify_remembering(
            "guest",
            black_box(&forged.evidence),
            &forged.options,
            None,
            &memory,
            Engines::OursAlone,
        )
        .expect("evidence that can be judged");
        assert_eq!(judged.answer.simulates.as_deref(), Some("trusted"));
        black_box(serde_json::to_string(&judged.answer).expect("an answer is JSON"));
    };
    judge();
    let mut times: Vec<f64> = (0..9).map(|_| once(judge)).collect();
    times.sort_by(f64::total_cmp);
    times.get(4).copied().expect("nine runs")
}

impl Series {
    /// A Markdown table.
    pub(crate) fn table(&self) -> String {
        let mut out = format!("| {} | µs | µs for each |\n|---:|---:|---:|\n", self.of);
        for (size, time) in &self.points {
            #[allow(clippy::cast_precision_loss, reason = "sizes are small")]
            let each = time / *size as f64;
            writeln!(out, "| {size} | {time:.0} | {each:.4} |").expect("a string takes everything");
        }
        out
    }

    /// A plot with logarithmic axes. What is linear rises as the grey line does.
    pub(crate) fn svg(&self) -> String {
        #[allow(clippy::cast_precision_loss, reason = "sizes are small")]
        let points: Vec<(f64, f64)> = self
            .points
            .iter()
            .map(|(size, time)| ((*size as f64).log10(), time.log10()))
            .collect();
        let range = |value: fn(&(f64, f64)) -> f64| {
            let values = points.iter().map(value);
            let low = values.clone().fold(f64::INFINITY, f64::min).floor();
            let high = values.fold(f64::NEG_INFINITY, f64::max).ceil();
            (low, high.max(low + 1.0))
        };
        let ((left, right), (bottom, top)) = (range(|point| point.0), range(|point| point.1));
        let x = |value: f64| 60.0 + 320.0 * (value - left) / (right - left);
        let y = |value: f64| 230.0 - 200.0 * (value - bottom) / (top - bottom);
        let mut out = String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 280\" \
             font-family=\"sans-serif\" font-size=\"11\" role=\"img\">\n",
        );
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        line(format!("<title>Processor time by {}</title>", self.of));
        line("<rect width=\"400\" height=\"280\" fill=\"#fff\"/>".to_owned());
        let mut power = left;
        while power <= right {
            let at = x(power);
            line(format!(
                "<path d=\"M{at:.1} 30V230\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"245\" text-anchor=\"middle\">{}</text>",
                round(power)
            ));
            power += 1.0;
        }
        let mut power = bottom;
        while power <= top {
            let at = y(power);
            line(format!(
                "<path d=\"M60 {at:.1}H380\" stroke=\"#ddd\"/><text x=\"54\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                at + 4.0,
                round(power)
            ));
            power += 1.0;
        }
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            let rise = first.1.max(last.1 - (last.0 - first.0));
            line(format!(
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>",
                x(first.0),
                y(rise),
                x(last.0),
                y(last.1)
            ));
        }
        let path: Vec<String> = points
            .iter()
            .map(|(size, time)| format!("{:.1} {:.1}", x(*size), y(*time)))
            .collect();
        line(format!(
            "<path d=\"M{}\" fill=\"none\" stroke=\"#0a6\" stroke-width=\"2\"/>",
            path.join("L")
        ));
        for (size, time) in &points {
            line(format!(
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"#0a6\"/>",
                x(*size),
                y(*time)
            ));
        }
        line(format!(
            "<text x=\"220\" y=\"268\" text-anchor=\"middle\">{}</text>",
            self.of
        ));
        line("<text x=\"60\" y=\"20\">µs of processor time (dashed: linear)</text>".to_owned());
        line("</svg>".to_owned());
        out
    }
}

/// A power of ten in digits.
fn round(power: f64) -> String {
    format!("{:.0}", 10_f64.powf(power))
}

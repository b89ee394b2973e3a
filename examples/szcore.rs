//! Scores events by SzCORE's rules: JSON lines in, JSON lines out.
//!
//! ```text
//! $ echo '{"truth":[[600,660]],"alarms":[[580,640],[2000,2030]],"duration_s":3600}' | cargo run --example szcore
//! {"default":{"ref_true":1,"tp":1,"fp":1,…},"cramp":{…},"samples":{…}}
//! ```
//!
//! Events are `[start_s, end_s]`. Counts come by SzCORE's own constants, by those for cramps, by those of an optional
//! `"rules":{"tolerance_start_s":…,"tolerance_end_s":…,"min_between_s":…,"max_event_s":…,"min_overlap":…}` as `given`,
//! and by samples at 1 Hz. `null`: not defined. `tests/py/szcore_agrees.py` compares them with another implementation.

use std::io::{self, BufRead, Write};

use anyhow::Context;
use crampwatch::train::{SzcoreCounts, SzcoreRules, szcore_events, szcore_samples};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    truth: Vec<(f64, f64)>,
    alarms: Vec<(f64, f64)>,
    duration_s: f64,
    rules: Option<SzcoreRules>,
}

#[derive(Serialize)]
struct Answer {
    default: Figures,
    cramp: Figures,
    samples: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<Figures>,
}

#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    counts: SzcoreCounts,
    sensitivity: Option<f64>,
    precision: Option<f64>,
    f1: Option<f64>,
    false_positives_per_24h: Option<f64>,
}

impl From<SzcoreCounts> for Figures {
    fn from(counts: SzcoreCounts) -> Self {
        Self {
            counts,
            sensitivity: counts.sensitivity(),
            precision: counts.precision(),
            f1: counts.f1(),
            false_positives_per_24h: counts.false_positives_per_24h(),
        }
    }
}

fn answer(request: &Request) -> Answer {
    let Request { truth, alarms, duration_s, rules } = request;
    let by = |rules: &SzcoreRules| Figures::from(szcore_events(truth, alarms, *duration_s, rules));
    Answer {
        default: by(&SzcoreRules::default()),
        cramp: by(&SzcoreRules::cramp()),
        samples: szcore_samples(truth, alarms, *duration_s).into(),
        given: rules.as_ref().map(by),
    }
}

fn main() -> anyhow::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for (index, line) in io::stdin().lock().lines().enumerate() {
        let line = line.with_context(|| format!("line {}", index + 1))?;
        let request: Request = serde_json::from_str(&line).with_context(|| {
            format!("line {}; expected {{\"truth\":[[from,to]…],\"alarms\":…,\"duration_s\":…}}", index + 1)
        })?;
        serde_json::to_writer(&mut output, &answer(&request))?;
        writeln!(output)?;
    }
    output.flush()?;
    Ok(())
}

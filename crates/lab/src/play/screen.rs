//! What came of playing, as lines and as JSON.

use super::Lab;
use super::part::Outcome;
use serde_json::{Value, json};

/// One lab, played.
#[derive(Debug)]
pub(crate) struct Told {
    id: String,
    file: String,
    outcomes: Vec<Outcome>,
}

impl Told {
    pub(super) fn new(lab: Lab<'_>, outcomes: Vec<Outcome>) -> Self {
        Self {
            id: lab.activity.id.clone(),
            file: lab.file.to_owned(),
            outcomes,
        }
    }

    pub(super) fn is_well(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.verdict.is_ok())
    }

    fn trials(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.part.starts_with("trial "))
    }

    /// A line for each part; what failed with its reason.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for outcome in &self.outcomes {
            let Outcome {
                part,
                took,
                verdict,
            } = outcome;
            let head = format!("{}  {part}:", self.id);
            match verdict {
                Ok(said) if part == "fresh start" => {
                    let said = if said.is_empty() {
                        "nothing to check"
                    } else {
                        said
                    };
                    lines.push(format!("{head} {said}   as it must be"));
                }
                Ok(said) => {
                    lines.push(format!("{head} {said} in {:.1} s   ok", took.as_secs_f64()))
                }
                Err(why) => {
                    lines.push(format!("{head} FAILED: {why}"));
                    lines.push(format!("       {}", self.file));
                }
            }
        }
        lines
    }
}

/// `8 labs: 7 ok, 1 failed; 31 of 32 trials`.
pub(super) fn summary(labs: &[Told]) -> String {
    let well = labs.iter().filter(|lab| lab.is_well()).count();
    let failed = labs.len() - well;
    let trials: Vec<&Outcome> = labs.iter().flat_map(Told::trials).collect();
    let good = trials.iter().filter(|trial| trial.verdict.is_ok()).count();
    format!(
        "{} {}: {well} ok, {failed} failed; {good} of {} trials",
        labs.len(),
        if labs.len() == 1 { "lab" } else { "labs" },
        trials.len()
    )
}

pub(super) fn json(labs: &[Told]) -> Value {
    let part = |outcome: &Outcome| {
        let (ok, said) = match &outcome.verdict {
            Ok(said) => (true, said),
            Err(why) => (false, why),
        };
        json!({ "part": outcome.part, "ok": ok, "said": said, "seconds": outcome.took.as_secs_f64() })
    };
    let lab = |lab: &Told| {
        json!({
            "id": lab.id,
            "file": lab.file,
            "ok": lab.is_well(),
            "parts": lab.outcomes.iter().map(part).collect::<Vec<_>>(),
        })
    };
    json!({ "schema": 1, "labs": labs.iter().map(lab).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn outcome(part: &str, verdict: Result<&str, &str>) -> Outcome {
        Outcome {
            part: part.into(),
            took: Duration::from_millis(8100),
            verdict: verdict.map(str::to_owned).map_err(str::to_owned),
        }
    }

    #[test]
    fn each_part_is_a_line_and_failures_say_why_and_where() {
        let told = Told {
            id: "3.3".into(),
            file: "labs/x.md".into(),
            outcomes: vec![
                outcome("fresh start", Ok("`kill` not passed")),
                outcome("solved", Ok("6 of 6 steps passed")),
                outcome(
                    "trial too-few",
                    Err("expected the mistake `too-few`, but the step passed"),
                ),
            ],
        };
        assert_eq!(
            told.lines(),
            [
                "3.3  fresh start: `kill` not passed   as it must be",
                "3.3  solved: 6 of 6 steps passed in 8.1 s   ok",
                "3.3  trial too-few: FAILED: expected the mistake `too-few`, but the step passed",
                "       labs/x.md",
            ]
        );
        assert_eq!(summary(&[told]), "1 lab: 0 ok, 1 failed; 0 of 1 trials");
    }
}

//! `lab check`, `hint`, `reveal`, `answer`, `next`, `back`, `note`: each key of the walk as a command.

use crate::exit::Exit;
use crate::problem::Result;
use crate::walk::render::Page;
use crate::walk::{Seen, Session};
use course::walk::{Action, Outcome, Screen, Stage};
use course::words::Sentence;

pub(crate) fn run(action: &Action, session: &Session) -> Result {
    let mut seen = session.act(action)?;
    let confirm = |seen: &Seen| {
        seen.reply
            .as_ref()
            .is_some_and(|reply| reply.outcome == Outcome::Confirm)
    };
    if confirm(&seen) {
        let question = seen
            .reply
            .iter()
            .flat_map(|reply| &reply.said)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let answer = session.ui.ask(&format!("{question} [y/N]"));
        if answer.is_some_and(|answer| answer == "y" || answer == "yes") {
            seen = session.act(&Action::Reveal { sure: true })?;
        }
    }
    if session.ui.json {
        session
            .ui
            .say_json(&serde_json::json!({ "reply": seen.reply, "screen": seen.screen }));
    } else {
        session.ui.say_lines(&told(action, &seen, session));
    }
    let outcome = seen.reply.as_ref().map(|reply| reply.outcome);
    Ok(match (action, outcome) {
        (Action::Check, _) => exit(&seen.screen),
        (_, Some(Outcome::Refused | Outcome::Confirm)) => Exit::No,
        _ => Exit::Done,
    })
}

fn told(action: &Action, seen: &Seen, session: &Session) -> Vec<String> {
    let page = Page::new(&session.ui, &session.words);
    let screen = &seen.screen;
    let mut lines = Vec::new();
    let outcome = seen.reply.as_ref().map(|reply| reply.outcome);
    if *action == Action::Check {
        lines.extend(page.boxes(&screen.boxes, screen.passed));
        if !screen.passed {
            lines.extend(page.verdict(screen));
        }
    }
    let named = *action == Action::Check && screen.mistake.is_some();
    if let Some(reply) = seen.reply.as_ref().filter(|_| !named) {
        lines.extend(page.reply(reply));
    }
    match outcome {
        Some(Outcome::Moved) => {
            lines.extend(page.screen(screen));
            lines.extend(
                screen
                    .question
                    .iter()
                    .flat_map(|asked| page.question(asked)),
            );
            lines.extend(commands(screen));
        }
        Some(Outcome::Finished) => lines.extend(finished(session, screen)),
        Some(Outcome::Confirm) => lines.push("  next  lab reveal --yes".to_owned()),
        _ if *action == Action::Check && screen.passed => {
            lines.extend(page.outcome(screen));
            lines.extend(commands(screen));
        }
        _ if matches!(action, Action::Answer(_)) => {
            lines.extend(
                screen
                    .question
                    .iter()
                    .flat_map(|asked| page.question(asked)),
            );
            lines.extend(commands(screen));
        }
        _ => {}
    }
    if let (Some(settling), Action::Check) = (&screen.settling, action) {
        lines.extend(page.hang("", &settling.why));
    }
    lines
}

fn finished(session: &Session, screen: &Screen) -> Vec<String> {
    let words = &session.words;
    let done = words.say(Sentence::FinishedOne, &[("id", &screen.activity)]);
    let next = session
        .store
        .read()
        .ok()
        .and_then(|progress| session.overview(&progress).next);
    let then = match next {
        Some(next) => {
            let title = session
                .catalog
                .activity(&next)
                .map_or("", |activity| activity.title.as_str());
            words.say(Sentence::NextIs, &[("id", &next), ("title", &title)])
        }
        None => words.say(Sentence::FinishedAll, &[]),
    };
    vec![done, then]
}

/// What can be typed next.
pub(crate) fn commands(screen: &Screen) -> Vec<String> {
    let command = match screen.stage {
        Stage::Question => "lab answer a",
        Stage::Waiting => "lab check",
        Stage::Note => "lab note \"...\"      or:  lab next",
        Stage::Done | Stage::Last => "lab next",
    };
    let command = match (&screen.question, screen.stage) {
        (Some(asked), Stage::Question) if asked.choices.is_empty() => "lab answer ...",
        _ => command,
    };
    let hint = match (screen.passed, screen.hints_left) {
        (false, 1..) => "      lab hint",
        _ => "",
    };
    vec![format!("  next  {command}{hint}")]
}

/// All ticks, or nothing to tick.
pub(crate) fn exit(screen: &Screen) -> Exit {
    let reads = matches!(screen.kind, "explain" | "reveal");
    match screen.passed || reads {
        true => Exit::Done,
        false => Exit::No,
    }
}

//! `lab activity`: the list, one step on paper, or a walk.

use crate::cli::Activity;
use crate::exit::Exit;
use crate::problem::{Problem, Result};
use crate::walk::render::Page;
use crate::walk::{self, Session};
use course::model::Group;
use course::progress::Progress;
use course::walk::{Entry, StateOf};
use course::words::Sentence;
use std::io::{IsTerminal, stdout};

pub(crate) fn run(args: &Activity, session: Session) -> Result {
    let progress = session.store.read()?;
    if let Some(remark) = session.store.remark() {
        session.ui.talk(remark);
    }
    if args.list {
        return list(&session, &progress);
    }
    let Some(id) = wanted(args, &session, &progress)? else {
        session
            .ui
            .say(session.words.say(Sentence::FinishedAll, &[]));
        return Ok(Exit::Done);
    };
    let entry = Entry {
        step: args.step.clone(),
        restart: args.restart,
    };
    session.enter(&id, &entry)?;
    if session.ui.can_ask && stdout().is_terminal() {
        return walk::walk(&session);
    }
    paper(&session)
}

fn list(session: &Session, progress: &Progress) -> Result {
    let overview = session.overview(progress);
    if session.ui.json {
        session.ui.say_json(&overview);
    } else {
        session
            .ui
            .say_lines(&Page::new(&session.ui, &session.words).list(&overview));
    }
    Ok(Exit::Done)
}

/// The activity that is meant, when it may be opened.
fn wanted(args: &Activity, session: &Session, progress: &Progress) -> Result<Option<String>> {
    let overview = session.overview(progress);
    let Some(id) = args.id.clone() else {
        return Ok(overview.next);
    };
    session.activity(&id)?;
    let walks = session.ui.can_ask && stdout().is_terminal();
    if progress.activities.is_empty()
        && walks
        && let Some(intro) = session
            .catalog
            .course
            .entries
            .iter()
            .find(|entry| entry.group == Group::Intro)
        && session
            .catalog
            .activity(&intro.id)
            .is_some_and(|intro| intro.bridge.as_ref() == Some(&id))
    {
        return Ok(Some(intro.id.clone()));
    }
    let listed = overview.entries.iter().find(|listed| listed.id == id);
    let needs = listed
        .map(|listed| listed.needs.as_slice())
        .unwrap_or_default();
    let begun = listed.is_some_and(|listed| listed.state != StateOf::New);
    if args.force || begun || needs.is_empty() {
        return Ok(Some(id));
    }
    let needs = session.words.list(needs);
    let question = session
        .words
        .say(Sentence::BuildsOn, &[("id", &id), ("needs", &needs)]);
    if session.ui.yes
        || session
            .ui
            .ask(&question)
            .is_some_and(|answer| answer == "y" || answer == "yes")
    {
        return Ok(Some(id));
    }
    Err(Problem::new(
        "not-yet",
        Exit::No,
        format!("{id} builds on {needs}, which is not done"),
    )
    .next(format!(
        "lab activity {}",
        listed
            .and_then(|listed| listed.needs.first())
            .map_or("", String::as_str)
    ))
    .next(format!("open it all the same:  lab activity {id} --force")))
}

/// The step as it stands now: nobody is there to walk.
fn paper(session: &Session) -> Result {
    let seen = session.see()?;
    if session.ui.json {
        session
            .ui
            .say_json(&serde_json::json!({ "screen": seen.screen }));
    } else {
        let page = Page::new(&session.ui, &session.words);
        let mut lines = page.screen(&seen.screen);
        if let Some(asked) = &seen.screen.question {
            lines.extend(page.question(asked));
        }
        lines.extend(super::step::commands(&seen.screen));
        session.ui.say_lines(&lines);
    }
    Ok(super::step::exit(&seen.screen))
}

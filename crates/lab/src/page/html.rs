//! What the page shows, part by part: the list of activities, the step, what runs.

use super::blocks::{blocks, escape};
use super::world::world;
use crate::supervisor::snapshot::Snapshot;
use course::judge::{Named, Tick, TickState};
use course::model::Hidden;
use course::say;
use course::walk::{
    Answered, Asked, Comparison, Key, Listed, Note, Overview, Screen, Stage, StateOf,
};
use course::words::Words;
use std::fmt::Write;

/// Everything that may change while somebody looks.
pub(super) struct View<'a> {
    pub(super) overview: &'a Overview,
    /// `None`: no activity is open.
    pub(super) screen: Option<&'a Screen>,
    /// `None`: nothing runs here.
    pub(super) snapshot: Option<&'a Snapshot>,
    /// Not to be told while a guess is open.
    pub(super) hidden: &'a [Hidden],
    /// What forms carry, so that only this page's own are heeded.
    pub(super) token: &'a str,
    pub(super) words: &'a Words,
}

/// Ids of elements, and what stands in them.
pub(super) type Parts = Vec<(&'static str, String)>;

pub(super) fn title(view: &View<'_>) -> String {
    match view.screen {
        Some(screen) => format!("{} {} - {}", screen.activity, screen.place, screen.title),
        None => view.overview.title.clone(),
    }
}

pub(super) fn parts(view: &View<'_>) -> Parts {
    vec![
        ("progress", progress(view)),
        ("list", list(view)),
        ("step", step(view)),
        ("world", world(view)),
    ]
}

/// The whole document; `news` is what the last act brought.
pub(super) fn document(view: &View<'_>, news: &str) -> String {
    let part = |id: &str| {
        let parts = parts(view);
        let found = parts.into_iter().find(|(name, _)| *name == id);
        found.map(|(_, html)| html).unwrap_or_default()
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#step\">{skip}</a>\n\
         <header><h1>{course}</h1><div id=\"progress\">{progress}</div></header>\n\
         <p id=\"news\" role=\"status\" aria-live=\"polite\" data-gone=\"{gone}\" data-silent=\"{silent}\">{news}</p>\n\
         <div class=\"columns\">\n<nav aria-label=\"{activities}\" id=\"list\">{list}</nav>\n\
         <main id=\"step\" tabindex=\"-1\">{step}</main>\n\
         <aside aria-label=\"{runs}\" id=\"world\">{world}</aside>\n</div>\n\
         <script>{script}</script>\n</body>\n</html>\n",
        lang = say!(view.words, PageLanguage),
        skip = escape(&say!(view.words, PageSkip)),
        activities = escape(&say!(view.words, PageActivities)),
        runs = escape(&say!(view.words, PageWorld)),
        title = escape(&title(view)),
        style = include_str!("style.css"),
        course = escape(&view.overview.title),
        progress = part("progress"),
        news = escape(news),
        gone = escape(&say!(view.words, PageGone)),
        silent = escape(&say!(view.words, PageSilent)),
        list = part("list"),
        step = part("step"),
        world = part("world"),
        script = include_str!("script.js"),
    )
}

fn progress(view: &View<'_>) -> String {
    let overview = view.overview;
    let words = say!(
        view.words,
        PageProgress,
        done = overview.done,
        of = overview.activities,
        challenges = overview.challenges_done,
        all = overview.challenges,
        minutes = overview.minutes_left
    );
    format!(
        "<p><progress max=\"{}\" value=\"{}\" aria-hidden=\"true\"></progress> {}</p>",
        overview.activities,
        overview.done,
        escape(&words)
    )
}

fn list(view: &View<'_>) -> String {
    let entries: String = view
        .overview
        .entries
        .iter()
        .map(|it| entry(it, view))
        .collect();
    format!("<ol>\n{entries}</ol>\n")
}

fn entry(listed: &Listed, view: &View<'_>) -> String {
    let here = if listed.state == StateOf::Here {
        " aria-current=\"step\""
    } else {
        ""
    };
    let words = view.words;
    let state = match listed.state {
        StateOf::Done => say!(words, StateDone),
        StateOf::Here => say!(
            words,
            PageHere,
            n = listed.at.unwrap_or(1),
            of = listed.steps
        ),
        StateOf::Begun => format!("{} / {}", listed.passed, listed.steps),
        StateOf::New => say!(words, PageMinutes, minutes = listed.minutes),
    };
    let state = escape(&state);
    let inside = format!(
        "<button id=\"open-{id}\" name=\"open\" value=\"{id}\">{shown}{title}<small>{state}</small></button>",
        id = escape(&listed.id),
        shown = number(&listed.id),
        title = escape(&listed.title),
    );
    format!("<li{here}>{}</li>\n", form(view, "", &inside))
}

/// Activities have numbers; words for ids say nothing that the title does not.
fn number(id: &str) -> String {
    match id.starts_with(|c: char| c.is_ascii_digit()) && !id.contains(char::is_alphabetic) {
        true => format!("{} ", escape(id)),
        false => String::new(),
    }
}

fn form(view: &View<'_>, class: &str, inside: &str) -> String {
    format!(
        "<form method=\"post\" action=\"act\"{}><input type=\"hidden\" name=\"token\" value=\"{}\">{inside}</form>",
        if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        },
        escape(view.token),
    )
}

fn step(view: &View<'_>) -> String {
    let Some(screen) = view.screen else {
        return welcome(view);
    };
    let mut html = format!(
        "<p class=\"kind\">{heading}</p>\n<h2>{shown}{title}<br><small>{place}</small></h2>\n",
        heading = escape(&screen.heading),
        shown = number(&screen.activity),
        title = escape(&screen.title),
        place = escape(&screen.place),
    );
    for line in &screen.entry {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(line));
    }
    html.push_str(&blocks(&screen.text));
    if let Some(command) = &screen.command {
        let _ = writeln!(html, "<pre tabindex=\"0\">{}</pre>", escape(command));
    }
    html.push_str(&boxes(screen, view.words));
    html.push_str(&said(&screen.answered, view.words));
    html.push_str(
        &screen
            .question
            .as_ref()
            .map(|asked| question(asked, view))
            .unwrap_or_default(),
    );
    html.push_str(&comparisons(&screen.compare, view.words));
    html.push_str(
        &screen
            .note
            .as_ref()
            .map(|note| notebook(note, view))
            .unwrap_or_default(),
    );
    if let Some(reveal) = &screen.reveal {
        let _ = writeln!(
            html,
            "<section class=\"reveal\" aria-label=\"{}\">{}</section>",
            escape(&say!(view.words, Reveal)),
            blocks(reveal)
        );
    }
    for hint in &screen.hints {
        let _ = writeln!(
            html,
            "<section class=\"hint\"><h3>{}</h3>{}</section>",
            escape(&hint.title),
            blocks(&hint.text)
        );
    }
    html + &buttons(screen, view)
}

fn welcome(view: &View<'_>) -> String {
    let words = view.words;
    let begin = match view.overview.next.as_deref() {
        None => format!("<p>{}</p>", escape(&say!(words, FinishedAll))),
        Some(id) => {
            let label = escape(&say!(words, PageBegin, id = id));
            let inside = format!(
                "<button class=\"main\" name=\"open\" value=\"{}\">{label}</button>",
                escape(id)
            );
            form(view, "block", &inside)
        }
    };
    format!(
        "<h2>{}</h2>\n<p>{}</p>\n{begin}",
        escape(&view.overview.title),
        escape(&say!(words, PageWelcome))
    )
}

fn boxes(screen: &Screen, words: &Words) -> String {
    let mut html = String::new();
    if !screen.boxes.is_empty() {
        let items: String = screen.boxes.iter().map(|it| tick(it, words)).collect();
        let _ = writeln!(html, "<ul class=\"boxes\">\n{items}</ul>");
    }
    if let Some(undone) = &screen.undone {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(undone));
    }
    if let Some(named) = &screen.mistake {
        html.push_str(&mistake(named, words));
    } else if let Some(waiting) = &screen.waiting {
        let _ = writeln!(
            html,
            "<p>{} {}</p>",
            escape(&say!(words, Waiting)),
            escape(waiting)
        );
    }
    html
}

fn tick(tick: &Tick, words: &Words) -> String {
    let (class, mark, word) = match tick.state {
        TickState::Ticked => ("ticked", "[x]", say!(words, PageTicked)),
        TickState::Open => ("open", "[ ]", say!(words, PageOpen)),
        TickState::Unseen => ("open", "[?]", say!(words, PageOutOfSight)),
    };
    let found = match tick.found.is_empty() {
        true => String::new(),
        false => format!(" <span class=\"found\">{}</span>", escape(&tick.found)),
    };
    format!(
        "<li class=\"{class}\"><span class=\"state\" role=\"img\" aria-label=\"{word}\"><code>{mark}</code></span> {}{found}</li>\n",
        escape(&tick.say),
        word = escape(&word),
    )
}

fn mistake(named: &Named, words: &Words) -> String {
    let next: String = named
        .next
        .iter()
        .map(|line| format!("<li><code>{}</code></li>", escape(line)))
        .collect();
    format!(
        "<section class=\"mistake\"><p>{} {}</p><ul>{next}</ul></section>\n",
        escape(&say!(words, NotYet)),
        escape(&named.say)
    )
}

fn said(answered: &[Answered], words: &Words) -> String {
    if answered.is_empty() {
        return String::new();
    }
    let one = |it: &Answered| {
        let right = match it.right {
            None => String::new(),
            Some(true) => format!(" ({})", say!(words, Yes).trim()),
            Some(false) => format!(" ({})", say!(words, No).trim()),
        };
        let because: String = it
            .because
            .iter()
            .map(|line| format!("<br>{}", escape(line)))
            .collect();
        format!(
            "<dt>{}</dt><dd>{}{right}{because}</dd>",
            escape(&it.ask),
            escape(&it.said)
        )
    };
    format!(
        "<dl>{}</dl>\n",
        answered.iter().map(one).collect::<String>()
    )
}

fn question(asked: &Asked, view: &View<'_>) -> String {
    let words = view.words;
    let number = match asked.of {
        1 => String::new(),
        of => format!("{} / {of}: ", asked.number),
    };
    let missed = asked
        .missed
        .as_ref()
        .map(|said| {
            format!(
                "<p>{}: {}. {}</p>",
                escape(&say!(words, YouSaid)),
                escape(said),
                escape(&say!(words, PageTryAgain))
            )
        })
        .unwrap_or_default();
    // Where the text above has asked already, the group still has a name.
    let own_title = say!(words, PageQuestion);
    let kind = if asked.several { "checkbox" } else { "radio" };
    let choices: String = asked
        .choices
        .iter()
        .map(|choice| {
            format!(
                "<label><input type=\"{kind}\" name=\"answer\" id=\"answer-{letter}\" value=\"{letter}\"> {letter}&ensp;{text}</label>\n",
                letter = choice.letter,
                text = escape(&choice.text)
            )
        })
        .collect();
    let free = match asked.choices.is_empty() {
        true => format!(
            "<label for=\"answer\">{}</label><input type=\"text\" id=\"answer\" name=\"answer\" autocomplete=\"off\">",
            escape(&asked.prompt)
        ),
        false => String::new(),
    };
    let inside = format!(
        "<fieldset><legend>{number}{ask}</legend>{missed}{choices}{free}\
         <p><button class=\"main\" name=\"do\" value=\"answer\">{answer}</button> \
         <button name=\"do\" value=\"unknown\">{unknown}</button></p></fieldset>",
        ask = escape(match asked.ask.as_str() {
            "" => &own_title,
            ask => ask,
        }),
        answer = escape(&say!(words, PageAnswer)),
        unknown = escape(&say!(words, DoNotKnow)),
    );
    form(view, "block", &inside)
}

fn comparisons(all: &[Comparison], words: &Words) -> String {
    let one = |it: &Comparison| {
        let ask = it
            .ask
            .as_ref()
            .map(|ask| format!("<p>{}</p>", escape(ask)))
            .unwrap_or_default();
        let was: Vec<String> = it.was.lines().map(escape).collect();
        format!(
            "{ask}<dl><dt>{}</dt><dd>{}</dd><dt>{}</dt><dd>{}</dd></dl>\n",
            escape(&say!(words, YouSaid)),
            escape(&it.said),
            escape(&say!(words, ItWas)),
            was.join("<br>")
        )
    };
    all.iter().map(one).collect()
}

fn notebook(note: &Note, view: &View<'_>) -> String {
    let words = view.words;
    match note.written.as_deref() {
        Some("") => String::new(),
        Some(written) => format!(
            "<p class=\"note\">{}: {}</p>\n",
            escape(&say!(words, NotebookTitle)),
            escape(written)
        ),
        None => {
            let leave = match note.needed {
                true => String::new(),
                false => format!(
                    " <button name=\"do\" value=\"no-note\">{}</button>",
                    escape(&say!(words, PageLeaveOut))
                ),
            };
            let inside = format!(
                "<fieldset><legend>{}</legend><label for=\"note\">{}</label>\
                 <input type=\"text\" id=\"note\" name=\"note\" autocomplete=\"off\">\
                 <p><button class=\"main\" name=\"do\" value=\"note\">{}</button>{leave}</p></fieldset>",
                escape(&note.prompt),
                escape(&say!(words, PageYourWords)),
                escape(&say!(words, PageWrite))
            );
            form(view, "block", &inside)
        }
    }
}

/// What the keys of the terminal do, as buttons; those of questions and notes stand beside them.
fn buttons(screen: &Screen, view: &View<'_>) -> String {
    let words = view.words;
    let main = match screen.stage {
        Stage::Waiting => Some(("check", say!(words, KeyCheck))),
        Stage::Done => Some(("next", say!(words, KeyNext))),
        Stage::Last => Some(("next", say!(words, KeyEnd))),
        Stage::Question | Stage::Note => None,
    };
    let mut html = String::new();
    if let Some((act, label)) = main {
        let _ = write!(
            html,
            "<button class=\"main\" id=\"go\" name=\"do\" value=\"{act}\">{}</button> ",
            escape(&label)
        );
    }
    for key in &screen.keys {
        if let Some(act) = act_of(key) {
            let _ = write!(
                html,
                "<button id=\"key-{act}\" name=\"do\" value=\"{act}\">{}</button> ",
                escape(&key.does)
            );
        }
    }
    format!("<p>{}</p>\n", form(view, "", &html))
}

fn act_of(key: &Key) -> Option<&'static str> {
    match key.key.as_str() {
        "h" => Some("hint"),
        "r" => Some("reveal"),
        "b" => Some("back"),
        "s" => Some("skip"),
        _ => None,
    }
}

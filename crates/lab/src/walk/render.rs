//! A screen of a walk as lines of text.

#[cfg(test)]
mod tests;

use crate::ui::{Ui, paint};
use course::judge::{Tick, TickState};
use course::text::{self, Block, Style, wrap};
use course::walk::{Answered, Asked, Comparison, Listed, Overview, Reply, Screen, Stage, StateOf};
use course::words::{Sentence, Words};

/// Wider lines are hard to read.
const WIDEST: usize = 96;
/// Where a terminal does not say how wide it is.
const USUAL: usize = 80;

/// How lines are made: how wide, and whether words may be bold.
pub(crate) struct Page<'a> {
    width: usize,
    bold: bool,
    words: &'a Words,
}

impl<'a> Page<'a> {
    pub(crate) fn new(ui: &Ui, words: &'a Words) -> Self {
        let width = match crate::ui::width() {
            0 => USUAL,
            width => width.clamp(40, WIDEST + 1) - 1,
        };
        Self {
            width,
            bold: !ui.plain && ui.moving,
            words,
        }
    }

    #[cfg(test)]
    pub(crate) fn plain(width: usize, words: &'a Words) -> Self {
        Self {
            width,
            bold: false,
            words,
        }
    }

    /// The whole step.
    pub(crate) fn screen(&self, screen: &Screen) -> Vec<String> {
        let mut lines = self.title(screen);
        lines.push(self.strong(&screen.heading));
        for (at, line) in screen.entry.iter().enumerate() {
            let head = if at == 0 { "note  " } else { "      " };
            lines.extend(self.hang(head, line));
        }
        lines.extend(self.text(&screen.text));
        if let Some(command) = &screen.command {
            lines.extend([String::new(), format!("    {command}")]);
        }
        lines.push(String::new());
        lines.extend(
            screen
                .hints
                .iter()
                .flat_map(|hint| self.titled(&hint.title, &hint.text)),
        );
        lines.extend(self.state(screen));
        lines
    }

    /// All that may change: boxes, answers, what came out.
    pub(crate) fn state(&self, screen: &Screen) -> Vec<String> {
        let mut lines = self.boxes(&screen.boxes, screen.passed);
        lines.extend(
            screen
                .answered
                .iter()
                .flat_map(|answered| self.answered(answered)),
        );
        lines.extend(self.verdict(screen));
        lines.extend(self.outcome(screen));
        lines
    }

    fn title(&self, screen: &Screen) -> Vec<String> {
        let head = format!("{}  {}", screen.activity, screen.title);
        let gap = self
            .width
            .saturating_sub(head.chars().count() + screen.place.chars().count())
            .max(2);
        let line = format!("{}{}{}", self.strong(&head), " ".repeat(gap), screen.place);
        let lines = match head.chars().count() + 2 + screen.place.chars().count() > self.width {
            true => vec![self.strong(&head), screen.place.clone()],
            false => vec![line],
        };
        let rule = "-".repeat(self.width);
        lines.into_iter().chain([rule]).collect()
    }

    fn text(&self, blocks: &[Block]) -> Vec<String> {
        text::lines(blocks, self.width, &|word, style| match style {
            Style::Strong if self.bold => self.strong(word),
            Style::Code => format!("`{word}`"),
            _ => word.to_owned(),
        })
    }

    /// `[ ] the others do      8080 answers, 8082 does not`
    pub(crate) fn boxes(&self, boxes: &[Tick], passed: bool) -> Vec<String> {
        self.some_boxes(boxes, passed, |_| true)
    }

    /// Those that are to be shown, in the columns of all.
    pub(crate) fn some_boxes(
        &self,
        boxes: &[Tick],
        passed: bool,
        shown: impl Fn(&Tick) -> bool,
    ) -> Vec<String> {
        const LONGEST: usize = 44;
        let long = boxes.iter().map(|tick| tick.say.chars().count());
        let column = long.filter(|long| *long <= LONGEST).max().unwrap_or(0);
        let shown = boxes.iter().filter(|tick| shown(tick));
        shown
            .flat_map(|tick| self.tick(tick, column, passed))
            .collect()
    }

    fn tick(&self, tick: &Tick, column: usize, passed: bool) -> Vec<String> {
        let mark = match tick.state {
            TickState::Ticked => "  [x] ",
            TickState::Open => "  [ ] ",
            TickState::Unseen => "  [?] ",
        };
        // What there is to see after a pass may have changed since.
        let found = if passed { "" } else { tick.found.as_str() };
        let blank = column.saturating_sub(tick.say.chars().count()) + 3;
        let line = format!("{mark}{}{}{found}", tick.say, " ".repeat(blank));
        if found.is_empty() || line.chars().count() <= self.width {
            return self.hang(
                mark,
                &format!(
                    "{}{}{found}",
                    tick.say,
                    " ".repeat(if found.is_empty() { 0 } else { blank })
                ),
            );
        }
        let mut lines = self.hang(mark, &tick.say);
        lines.extend(self.hang("          ", found));
        lines
    }

    /// Why not yet: the mistake and its way out, or what has come undone.
    pub(crate) fn verdict(&self, screen: &Screen) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(undone) = &screen.undone {
            lines.extend(self.hang("note: ", undone));
        }
        if let Some(mistake) = &screen.mistake {
            let not_yet = format!("{} ", self.word(Sentence::NotYet).replace('.', ":"));
            lines.extend(self.hang(&not_yet, &mistake.say));
            for (at, next) in mistake.next.iter().enumerate() {
                let head = if at == 0 { "   next   " } else { "          " };
                lines.push(format!("{head}{next}"));
            }
        }
        lines
    }

    /// What a passed step shows: the comparison and what it reveals.
    pub(crate) fn outcome(&self, screen: &Screen) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        if !screen.compare.is_empty() {
            lines.push(String::new());
        }
        lines.extend(
            screen
                .compare
                .iter()
                .flat_map(|compared| self.compared(compared)),
        );
        if let Some(reveal) = &screen.reveal {
            lines.push(String::new());
            lines.push(self.strong(&self.word(Sentence::Reveal)));
            lines.extend(self.text(reveal));
        }
        lines
    }

    fn compared(&self, compared: &Comparison) -> Vec<String> {
        let (said, was) = (self.word(Sentence::YouSaid), self.word(Sentence::ItWas));
        let column = said.chars().count().max(was.chars().count()) + 3;
        let line = |head: &str, text: &str| {
            let head = format!("  {head}{}", " ".repeat(column - head.chars().count()));
            self.hang(&head, text)
        };
        let mut lines: Vec<String> = compared
            .ask
            .iter()
            .flat_map(|ask| self.hang("  ", ask))
            .collect();
        lines.extend(line(&said, &compared.said));
        lines.extend(line(&was, &compared.was));
        lines
    }

    fn answered(&self, answered: &Answered) -> Vec<String> {
        let mark = match answered.right {
            None => "  ",
            Some(true) => "  [x] ",
            Some(false) => "  [-] ",
        };
        let ask = if answered.ask.is_empty() {
            String::new()
        } else {
            format!("{}   ", answered.ask)
        };
        self.hang(mark, &format!("{ask}{}", answered.said))
    }

    /// The open question; its prompt is the caller's.
    pub(crate) fn question(&self, asked: &Asked) -> Vec<String> {
        let mut lines = Vec::new();
        let number = match asked.of {
            1 => String::new(),
            of => format!("{}/{of}  ", asked.number),
        };
        if !asked.ask.is_empty() {
            lines.extend(self.hang(&number, &asked.ask));
            lines.push(String::new());
        }
        for choice in &asked.choices {
            lines.extend(self.hang(&format!("  {}  ", choice.letter), &choice.text));
        }
        if !asked.choices.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    /// What was said to an act, and the text that belongs to it.
    pub(crate) fn reply(&self, reply: &Reply) -> Vec<String> {
        let mut lines: Vec<String> = reply
            .said
            .iter()
            .flat_map(|said| self.hang("", said))
            .collect();
        if !reply.text.is_empty() {
            lines.extend(self.text(&reply.text));
            lines.push(String::new());
        }
        lines
    }

    fn titled(&self, title: &str, blocks: &[Block]) -> Vec<String> {
        let mut lines = vec![self.strong(title)];
        lines.extend(self.text(blocks));
        lines.push(String::new());
        lines
    }

    /// `waiting: 8081 still answers      Enter check now   h hint (3)   q leave`
    pub(crate) fn waiting(&self, screen: &Screen) -> Vec<String> {
        let keys: Vec<String> = screen
            .keys
            .iter()
            .map(|key| format!("{} {}", key.key, key.does))
            .collect();
        let lines_of_keys = self.filled(&keys);
        let keys = keys.join("   ");
        let state = match (&screen.waiting, screen.stage) {
            // The mistake has been told already.
            (Some(_), _) if screen.mistake.is_some() => String::new(),
            (Some(waiting), _) => format!("{} {waiting}", self.word(Sentence::Waiting)),
            (None, Stage::Done | Stage::Last) if screen.passed => self.word(Sentence::Done),
            _ => String::new(),
        };
        let line = format!("{state}      {keys}");
        match state.is_empty() {
            true => lines_of_keys,
            false if line.chars().count() <= self.width => vec![line],
            false => [self.hang("", &state), lines_of_keys].concat(),
        }
    }

    /// Items one behind the other, none of them broken.
    fn filled(&self, items: &[String]) -> Vec<String> {
        const GAP: &str = "   ";
        let mut lines: Vec<String> = Vec::new();
        for item in items {
            match lines.last_mut() {
                Some(line)
                    if line.chars().count() + GAP.len() + item.chars().count() <= self.width =>
                {
                    line.push_str(GAP);
                    line.push_str(item);
                }
                _ => lines.push(item.clone()),
            }
        }
        lines
    }

    /// The list of activities.
    pub(crate) fn list(&self, overview: &Overview) -> Vec<String> {
        let shown = |listed: &&Listed| !matches!(listed.group, "bonus" | "end" | "intro");
        let main: Vec<&Listed> = overview.entries.iter().filter(shown).collect();
        let mut lines: Vec<String> = main.iter().flat_map(|listed| self.listed(listed)).collect();
        let more = |group| {
            let of = overview
                .entries
                .iter()
                .filter(move |listed| listed.group == group);
            of.map(|listed| listed.id.clone())
                .collect::<Vec<_>>()
                .join(", ")
        };
        for (head, ids) in [
            (Sentence::MoreLabs, more("bonus")),
            (
                Sentence::Besides,
                format!("{}, {}", more("intro"), more("end")),
            ),
        ] {
            if !ids.trim_matches([',', ' ']).is_empty() {
                lines.extend(self.hang(&format!("  {}  ", self.word(head)), &ids));
            }
        }
        lines.push(self.word(Sentence::ListFoot));
        lines
    }

    fn listed(&self, listed: &Listed) -> Vec<String> {
        let state = match listed.state {
            StateOf::Done => self.word(Sentence::StateDone),
            StateOf::Here => self.word(Sentence::StateHere),
            StateOf::Begun | StateOf::New => "-".to_owned(),
        };
        let more = match (listed.state, listed.at) {
            (StateOf::Done, _) => format!(
                "{:>3} min   {}/{}",
                listed.minutes, listed.passed, listed.steps
            ),
            (StateOf::Here, Some(at)) => self
                .words
                .say(Sentence::Place, &[("n", &at), ("of", &listed.steps)]),
            (StateOf::Begun, _) => format!("{}/{}", listed.passed, listed.steps),
            _ if !listed.needs.is_empty() => self
                .words
                .say(Sentence::AfterThese, &[("ids", &listed.needs.join(", "))]),
            _ => format!("{:>3} min", listed.minutes),
        };
        let id = if listed.group == "challenge" {
            ""
        } else {
            listed.id.as_str()
        };
        let title = match listed.group {
            "challenge" => format!("{}  ({})", listed.title, listed.id),
            _ => listed.title.clone(),
        };
        let line = format!("  {id:<5} {title:<52} {state:<6} {more}");
        match line.chars().count() > self.width {
            true => {
                let mut lines = self.hang(&format!("  {id:<5} "), &title);
                lines.push(format!("        {state:<6} {more}"));
                lines
            }
            false => vec![line],
        }
    }

    /// A text behind a head, its further lines set in as far.
    pub(crate) fn hang(&self, head: &str, text: &str) -> Vec<String> {
        let used = head.chars().count();
        let room = self.width.saturating_sub(used);
        // Blanks that make a column are kept where the line need not be broken.
        let inside = match text.chars().count() <= room && !text.contains('\n') {
            true => vec![text.trim_end().to_owned()],
            false => text.lines().flat_map(|line| wrap(line, room)).collect(),
        };
        let line = |(at, line): (usize, &String)| match at {
            0 => format!("{head}{line}").trim_end().to_owned(),
            _ => format!("{}{line}", " ".repeat(used)),
        };
        inside.iter().enumerate().map(line).collect()
    }

    fn word(&self, sentence: Sentence) -> String {
        self.words.say(sentence, &[])
    }

    fn strong(&self, text: &str) -> String {
        match self.bold {
            true => paint::strong(text),
            false => text.to_owned(),
        }
    }
}

//! The verbs of `do`: what a solution or a trial does.

use super::browser;
use super::edit;
use super::player::Player;
use crate::exit::Exit;
use crate::plan::template;
use crate::problem::{Problem, Result};
use course::file::verbs;
use std::time::{Duration, Instant};

/// What is waited for and has not come by then will not.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

impl Player<'_> {
    /// Does one act.
    pub(super) fn act(&mut self, act: &str) -> Result<()> {
        let act = template::on_ports(act, &self.world.ports);
        let words = verbs::words(&act);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["serve", name] => self.world.serve(name, &[]),
            ["kill", name] => self.world.kill(name),
            ["pause", name] => self.world.pause(name),
            ["start", "second", "balancer"] => self.world.start_second_balancer(),
            ["start", "balancer"] => self.world.start_balancer("balancer"),
            ["stop", "balancer"] => self.world.kill("balancer"),
            ["start", name] => self.world.start_again(name),
            ["slow", name, time] => {
                self.world.kill(name)?;
                self.world.serve(name, &["--latency", time])
            }
            ["reload"] => self.command(&["reload"]),
            ["hit", count, rest @ ..] => self.command(&[&["hit", "-n", count], rest].concat()),
            ["dig", rest @ ..] => self.command(&[&["dig"], rest].concat()),
            ["eject", file] => self.command(&["eject", file]),
            ["browse", place, rest @ ..] => {
                let url = self.place(place)?;
                browser::browse(url, number(rest.first().copied())?)
            }
            ["curl", place, rest @ ..] => {
                let url = self.place(place)?;
                let path = rest.get(1).copied().unwrap_or("/");
                browser::curl(url, number(rest.first().copied())?, path)
            }
            ["wait", "checks"] => self.wait(|player| player.is_checked()),
            ["wait", "down", name] => self.wait(|player| player.is_believed(name, "DOWN")),
            ["wait", "up", name] => self.wait(|player| player.is_believed(name, "UP")),
            ["wait", seconds] => {
                let seconds: f64 = seconds.parse().map_err(|_| unknown(&act))?;
                std::thread::sleep(Duration::from_secs_f64(seconds));
                Ok(())
            }
            ["note", _] => Ok(()),
            ["remove", "file"] => self.world.remove_file(),
            _ => self.change_file(&words, &act),
        }
    }

    fn change_file(&mut self, words: &[&str], act: &str) -> Result<()> {
        let text = self.world.read_file()?;
        let changed = match words {
            ["set", "server", name, "weight", weight] => {
                edit::set_option(&text, name, "weight", Some(weight))
            }
            ["set", "server", name, "check"] => edit::set_option(&text, name, "check", None),
            ["set", "server", name, "words", more] => edit::add_words(&text, name, more),
            ["unset", "server", name, "check"] => edit::take_option(&text, name, "check"),
            ["set", "line", old, new] => edit::replace(&text, old, new),
            ["add", "line", after, new] => edit::insert_after(&text, after, new),
            ["append", more] => Some(format!("{text}{more}\n")),
            ["remove", "line", part] => edit::remove(&text, part),
            ["uncomment", "stats"] => edit::uncomment_statistics(&text),
            ["list", "servers"] => edit::list_servers(&text, &self.world.running_servers()),
            _ => return Err(unknown(act)),
        };
        let changed = changed.ok_or_else(|| {
            Problem::new("act", Exit::No, format!("nothing in the file fits `{act}`"))
        })?;
        self.world.write_file(&changed)
    }

    fn command(&self, words: &[&str]) -> Result<()> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.world.command(&words)
    }

    fn place(&self, place: &str) -> Result<u16> {
        match place {
            "lb" => Ok(self.world.ports.balancer),
            "stats" => Ok(self.world.ports.statistics),
            other => Err(unknown(other)),
        }
    }

    fn wait(&mut self, until: impl Fn(&mut Self) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !until(self) {
            if begun.elapsed() > PATIENCE {
                let what = format!("waited {} s in vain", PATIENCE.as_secs());
                return Err(Problem::new("act", Exit::No, what));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Every server that is to be checked was.
    fn is_checked(&mut self) -> bool {
        let facts = self.observer.look();
        let is_checked = |belief: &course::facts::Belief| {
            let check = belief
                .columns
                .iter()
                .find(|(name, _)| name == "check_status");
            belief.status == "no check" || check.is_some_and(|(_, code)| code != "INI")
        };
        !facts.beliefs.is_empty() && facts.beliefs.iter().all(is_checked)
    }

    fn is_believed(&mut self, server: &str, state: &str) -> bool {
        let facts = self.observer.look();
        let belief = facts.beliefs.iter().find(|belief| belief.server == server);
        // `UP 1/3` is on its way down, `DOWN 1/2` on its way up.
        belief.is_some_and(|belief| belief.status == state)
    }
}

fn number(word: Option<&str>) -> Result<u32> {
    word.map_or(Ok(1), |word| word.parse().map_err(|_| unknown(word)))
}

fn unknown(act: &str) -> Problem {
    Problem::new("act", Exit::No, format!("`{act}` is no act"))
}

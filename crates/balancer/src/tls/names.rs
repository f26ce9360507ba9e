//! Which certificate a client gets: by the name it asks for, else the first.

use std::collections::HashMap;

/// Places of certificates by the names in them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In lower case; the first certificate with a name comes first.
    exact: HashMap<String, Vec<usize>>,
    /// `*.example.org`, without the star.
    wild: HashMap<String, Vec<usize>>,
}

impl Names {
    pub(super) fn add(&mut self, name: &str, place: usize) {
        let name = name.to_ascii_lowercase();
        let places = match name.strip_prefix('*') {
            Some(rest) => self.wild.entry(rest.to_owned()),
            None => self.exact.entry(name),
        };
        let places = places.or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    /// The certificates for a name. A star stands for one label, and a certificate for the name itself wins.
    pub(super) fn find(&self, name: &str) -> &[usize] {
        let name = name.to_ascii_lowercase();
        let wild = || {
            let dot = name.find('.')?;
            self.wild.get(&name[dot..])
        };
        let found = self.exact.get(&name).or_else(wild);
        found.map_or(&[], Vec::as_slice)
    }
}

/// Whether a certificate's name is that of a server; a star stands for one label.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    match pattern.strip_prefix('*') {
        None => same(pattern, name),
        Some(rest) => name
            .find('.')
            .is_some_and(|dot| dot > 0 && same(rest, &name[dot..])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        let all = ["first.test", "*.wild.test", "a.wild.test", "First.test"];
        for (place, name) in all.iter().enumerate() {
            names.add(name, place);
        }
        names
    }

    #[test]
    fn the_name_itself_wins_over_a_star() {
        assert_eq!(names().find("a.wild.test"), [2]);
        assert_eq!(names().find("b.wild.test"), [1]);
    }

    #[test]
    fn letters_may_be_large() {
        assert_eq!(names().find("FIRST.test"), [0, 3]);
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let none: [usize; 0] = [];
        assert_eq!(names().find("a.b.wild.test"), none);
        assert_eq!(names().find("wild.test"), none);
        assert_eq!(names().find("unknown"), none);
        assert!(matches("*.wild.test", "A.WILD.test"));
        assert!(!matches("*.wild.test", ".wild.test"));
        assert!(!matches("*.wild.test", "a.b.wild.test"));
        assert!(!matches("first.test", "second.test"));
    }
}

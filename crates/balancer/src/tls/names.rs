//! Which certificate a client gets: by the name it asks for, else the first.

use std::collections::HashMap;

/// Places of certificates by the names in them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// In lower case; the first certificate with a name comes first.
    exact: HashMap<String, Vec<usize>>,
    /// `*.example.org`, without the star.
    wild: HashMap<String, Vec<usize>>,
    /// `!a.example.org`: a star of the same certificate does not stand for it.
    excepted: HashMap<String, Vec<usize>>,
}

impl Names {
    pub(super) fn add(&mut self, name: &str, place: usize) {
        let name = name.to_ascii_lowercase();
        let places = match (name.strip_prefix('!'), name.strip_prefix('*')) {
            (Some(rest), _) => self.excepted.entry(rest.to_owned()),
            (None, Some(rest)) => self.wild.entry(rest.to_owned()),
            (None, None) => self.exact.entry(name),
        };
        let places = places.or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    /// The certificates for a name, those for the name itself first. A star stands for one label.
    pub(super) fn find(&self, name: &str) -> Vec<usize> {
        let name = name.to_ascii_lowercase();
        let places = |of: &HashMap<String, Vec<usize>>, name: &str| of.get(name).cloned();
        let mut found = places(&self.exact, &name).unwrap_or_default();
        let wild = name
            .find('.')
            .and_then(|dot| places(&self.wild, &name[dot..]));
        let excepted = places(&self.excepted, &name).unwrap_or_default();
        let wild = wild.into_iter().flatten();
        found.extend(wild.filter(|place| !excepted.contains(place)));
        found
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
        assert_eq!(names().find("a.wild.test"), [2, 1]);
        assert_eq!(names().find("b.wild.test"), [1]);
    }

    #[test]
    fn letters_may_be_large() {
        assert_eq!(names().find("FIRST.test"), [0, 3]);
    }

    #[test]
    fn an_exception_goes_for_the_star_of_its_own_certificate() {
        let mut names = names();
        names.add("*.wild.test", 7);
        names.add("!b.wild.test", 7);
        names.add("!*.wild.test", 1);
        assert_eq!(names.find("b.wild.test"), [1]);
        assert_eq!(names.find("c.wild.test"), [1, 7]);
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

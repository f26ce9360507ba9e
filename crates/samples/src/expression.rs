//! A fetch and the converters after it.

use crate::argument::Argument;
use crate::convert::Converter;
use crate::fetch::{Fetch, Get, Needs, Pick};
use crate::value::{Kind, Value};
use crate::view::View;
use std::ops::ControlFlow::{self, Break, Continue};

/// `req.hdr(host),lower,field(1,:)`.
#[derive(Clone, Debug)]
pub struct Expression {
    pub fetch: &'static Fetch,
    pub arguments: Vec<Argument>,
    pub converters: Vec<Conversion>,
}

/// One converter with its arguments.
#[derive(Clone, Debug)]
pub struct Conversion {
    pub converter: &'static Converter,
    pub arguments: Vec<Argument>,
}

impl Expression {
    /// The kind of what comes out.
    pub fn kind(&self) -> Kind {
        let last = self.converters.iter().rev();
        let mut kinds = last.map(|conversion| conversion.converter.output);
        match kinds.next() {
            None => self.fetch.kind,
            Some(kind) => kind,
        }
    }

    /// The one value; `None` when there is none.
    pub fn evaluate<'a>(&'a self, view: &View<'a>) -> Option<Value<'a>> {
        let mut value = None;
        if self.comes_too_late(view) {
            return None;
        }
        self.note_unread(view);
        match &self.fetch.get {
            Get::One(get) => value = get(view, &self.arguments),
            Get::Each(each, pick) => each(view, &self.arguments, &mut |found| {
                value = Some(found);
                match pick {
                    Pick::First => Break(()),
                    Pick::Last => Continue(()),
                }
            }),
        }
        self.convert(value?, view)
    }

    /// Goes through all values, until one is enough.
    pub fn any<'a>(&'a self, view: &View<'a>, mut enough: impl FnMut(Value<'a>) -> bool) -> bool {
        if self.comes_too_late(view) {
            return false;
        }
        self.note_unread(view);
        let mut found = false;
        let mut look = |value: Value<'a>| -> ControlFlow<()> {
            found = self.convert(value, view).is_some_and(&mut enough);
            if found { Break(()) } else { Continue(()) }
        };
        match &self.fetch.get {
            Get::One(get) => {
                if let Some(value) = get(view, &self.arguments) {
                    let _ = look(value);
                }
            }
            Get::Each(each, _) => each(view, &self.arguments, &mut look),
        }
        found
    }

    /// The head and the body of a request are forgotten once there is an answer.
    fn comes_too_late(&self, view: &View<'_>) -> bool {
        use Needs::{Body, Request};
        view.response.is_some() && matches!(self.fetch.needs, Request | Body)
    }

    /// A request or an answer that has not come as a whole may tell more.
    fn note_unread(&self, view: &View<'_>) {
        use Needs::{Body, Head, Request, RequestFacts, Response, ResponseFacts};
        let unread = match self.fetch.needs {
            Request | RequestFacts | Body => view.request_pending,
            Response | ResponseFacts => view.response_pending,
            Head => view.request_pending || view.response_pending,
            _ => false,
        };
        if unread {
            view.may_change();
        }
    }

    fn convert<'a>(&'a self, value: Value<'a>, view: &View<'a>) -> Option<Value<'a>> {
        self.converters
            .iter()
            .try_fold(value, |value, conversion| conversion.apply(value, view))
    }
}

impl Conversion {
    pub fn apply<'a>(&'a self, value: Value<'a>, view: &View<'a>) -> Option<Value<'a>> {
        let value = value.cast(self.converter.input)?;
        (self.converter.run)(value, &self.arguments, view)
    }
}

//! `show info`: the process in lines of `Name: value`.

mod fields;

use super::session::{Context, Reply};
use crate::logger::Logger;
use crate::plan::Plan;
use crate::process::Process;
use crate::stats::formats;
use crate::stats::overview::Overview;
use crate::stats::row::Value;
use lb_core::Uptime;

/// `show info [typed|json] [desc] [float]`.
pub(super) fn show(context: &mut Context<'_>, arguments: &[String]) -> Reply {
    let has = |wanted: &str| arguments.iter().any(|word| word == wanted);
    let about = About {
        plan: context.plan,
        process: context.process,
        logger: context.logger,
        now: context.now,
    };
    let fields = fields(&about, has("float"));
    let last_form = arguments.iter().rfind(|w| *w == "json" || *w == "typed");
    let text = match last_form.map(String::as_str) {
        Some("json") => {
            let items = fields.iter().map(|field| format!("{{{}}}", field.json()));
            format!("[{}]\n", Vec::from_iter(items).join(","))
        }
        Some(_) => lines(&fields, has("desc"), Field::typed),
        None => lines(&fields, has("desc"), Field::plain),
    };
    Reply::Data(text)
}

/// What is told of the process, for whoever else tells it.
pub fn facts(plan: &Plan, process: &Process, logger: &Logger) -> Vec<Field> {
    let now = process.now();
    let about = About {
        plan,
        process,
        logger,
        now,
    };
    fields(&about, false)
}

/// Whom the lines are about.
struct About<'a> {
    plan: &'a Plan,
    process: &'a Process,
    logger: &'a Logger,
    now: Uptime,
}

/// One line.
pub struct Field {
    /// Place in the typed form: HAProxy's numbering, which leaves out what is not compiled in.
    position: usize,
    pub name: &'static str,
    tags: &'static str,
    pub meaning: &'static str,
    pub value: Value,
}

impl Field {
    fn plain(&self) -> String {
        format!("{}: {}", self.name, self.value)
    }

    fn typed(&self) -> String {
        let Self {
            position,
            name,
            tags,
            value,
            ..
        } = self;
        format!("{position}.{name}.1:{tags}:{}:{value}", value.type_name())
    }

    fn json(&self) -> String {
        formats::json_field(self.position, self.name, self.tags, &self.value)
    }
}

fn lines(fields: &[Field], describe: bool, line: impl Fn(&Field) -> String) -> String {
    let described = |field: &Field| match describe {
        true => format!("{}:\"{}\"\n", line(field), field.meaning),
        false => format!("{}\n", line(field)),
    };
    fields.iter().map(described).collect()
}

/// Collects fields, counting their places.
struct Collector {
    fields: Vec<Field>,
    position: usize,
}

impl Collector {
    fn add(&mut self, name: &'static str, tags: &'static str, value: Value, meaning: &'static str) {
        self.fields.push(Field {
            position: self.position,
            name,
            tags,
            meaning,
            value,
        });
        self.position += 1;
    }

    /// Several numbers that have the same tags.
    fn numbers(&mut self, tags: &'static str, numbers: &[(&'static str, u64, &'static str)]) {
        for &(name, number, meaning) in numbers {
            let number = Value::U32(number.try_into().unwrap_or(u32::MAX));
            self.add(name, tags, number, meaning);
        }
    }

    fn text(
        &mut self,
        name: &'static str,
        tags: &'static str,
        text: impl Into<String>,
        meaning: &'static str,
    ) {
        self.add(name, tags, Value::Text(text.into().into()), meaning);
    }

    /// A place that this build of HAProxy's numbering leaves empty.
    fn skip(&mut self) {
        self.position += 1;
    }
}

fn fields(context: &About<'_>, float: bool) -> Vec<Field> {
    let mut all = Collector {
        fields: Vec::new(),
        position: 0,
    };
    let overview = Overview::of(context.plan, context.process, context.now);
    fields::product(&mut all, context, float);
    fields::memory(&mut all);
    fields::connections(&mut all, context, &overview);
    fields::rates(&mut all, context, &overview);
    fields::tls_and_compression(&mut all, context, &overview);
    fields::state(&mut all, context, &overview);
    fields::output(&mut all, context, &overview);
    fields::configuration(&mut all, context);
    all.fields
}

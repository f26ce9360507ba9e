//! Raw sections into settings: inheritance from `defaults`, then each line through its keyword's parser.

use crate::Environment;
use crate::acl;
use crate::keywords::global::GlobalContext;
use crate::keywords::resolvers::ResolversContext;
use crate::keywords::sections::{SectionKind, find};
use crate::keywords::{
    Support, cache, error_pages, global, ignored, proxy as proxy_keywords, refused,
    resolvers as resolvers_keywords, server, userlist,
};
use crate::model::{Cache, Global, Resolvers};
use crate::proxy::{Kind, Proxy, ProxyContext, Settings};
use crate::raw::{Line, RawSection};
use crate::report::Report;
use crate::sample::shared::Shared;
use crate::words::Word;
use diagnostics::{Diagnostic, nearest};
use std::sync::Arc;

/// All that was read, names not yet resolved.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) global: Global,
    /// `frontend`, `backend` and `listen` sections, in file order.
    pub(crate) proxies: Vec<Proxy>,
    /// `resolvers` sections, in file order.
    pub(crate) resolvers: Vec<Resolvers>,
    /// `cache` sections, in file order.
    pub(crate) caches: Vec<Cache>,
    pub(crate) shared: Shared,
}

impl Draft {
    /// `default` is there even where it is not written: the system's name servers.
    pub(crate) fn has_resolvers(&self, name: &str) -> bool {
        name == DEFAULT_RESOLVERS || self.resolvers.iter().any(|section| section.name == name)
    }
}

/// The section that HAProxy makes from /etc/resolv.conf unless one of this name is written.
pub(crate) const DEFAULT_RESOLVERS: &str = "default";

/// Reads all sections.
pub(crate) fn read(
    raw: &[RawSection],
    environment: &Environment,
    report: &mut Report<'_>,
) -> Draft {
    let mut shared = Shared::new(environment.read_file);
    // rules above may name the users of a section below
    for section in raw
        .iter()
        .filter(|section| section.head.text(0) == "userlist")
    {
        if let Some(list) = userlist::section(section, &shared.users, report) {
            shared.users.push(Arc::new(list));
        }
    }
    error_pages::sections(raw, &mut shared, report);
    let mut reader = Reader {
        draft: Draft {
            global: Global::default(),
            proxies: Vec::new(),
            resolvers: Vec::new(),
            caches: Vec::new(),
            shared,
        },
        spread_checks_given: false,
        chroot_given: false,
        past_global: false,
        defaults: Vec::new(),
    };
    for section in raw {
        reader.section(section, report);
    }
    let mut draft = reader.draft;
    let usual = &draft.global.unix_bind;
    let binds = draft.proxies.iter_mut().flat_map(|proxy| &mut proxy.binds);
    for bind in binds {
        bind.address = usual.place(bind.address.clone());
        bind.rights = usual.rights(bind.rights.clone());
    }
    draft
}

struct Reader {
    draft: Draft,
    spread_checks_given: bool,
    chroot_given: bool,
    /// A section other than `global` was read.
    past_global: bool,
    /// `defaults` sections so far.
    defaults: Vec<Proxy>,
}

impl Reader {
    fn section(&mut self, section: &RawSection, report: &mut Report<'_>) {
        let row = find(section.head.text(0)).expect("only section words begin a raw section");
        self.past_global |= row.name != "global";
        let kind = match row.support {
            Support::Full(SectionKind::Global) => return self.global(section, report),
            Support::Full(SectionKind::Defaults) => Kind::Defaults,
            Support::Full(SectionKind::Frontend) => Kind::Frontend,
            Support::Full(SectionKind::Backend) => Kind::Backend,
            Support::Full(SectionKind::Listen) => Kind::Listen,
            Support::Full(SectionKind::Resolvers) => return self.resolvers(section, report),
            Support::Full(SectionKind::Cache) => {
                let known = &self.draft.caches;
                let cache = cache::section(section, known, report);
                return self.draft.caches.extend(cache);
            }
            Support::Full(SectionKind::Userlist | SectionKind::HttpErrors) => return,
            Support::Ignored => return report.push(ignored(row.name, section.head.statement())),
            _ => return report.push(refused(row.name, section.head.statement())),
        };
        self.proxy(kind, section, report);
    }

    fn global(&mut self, section: &RawSection, report: &mut Report<'_>) {
        if self.past_global {
            report.push(
                Diagnostic::note("late-global", "this `global` stands after other sections")
                    .at(section.head.statement(), "")
                    .why("what stands above may already have taken over the former values, `log global` for one")
                    .next("move it to the top"),
            );
        }
        if let Some(extra) = section.head.words.get(1) {
            let words = format!(
                "'global' cannot handle unexpected argument '{}'.",
                extra.text
            );
            report.push(
                Diagnostic::error("unexpected-word", "`global` has no name")
                    .at(extra.span, "")
                    .haproxy(report.spaced(section.head.span, &words)),
            );
        }
        let mut context = GlobalContext {
            global: &mut self.draft.global,
            spread_checks_given: &mut self.spread_checks_given,
            chroot_given: &mut self.chroot_given,
            read_file: self.draft.shared.read_file,
            report,
        };
        for line in &section.lines {
            global::line(&mut context, line);
        }
    }

    fn resolvers(&mut self, section: &RawSection, report: &mut Report<'_>) {
        let head = &section.head;
        let name = head.text(1);
        if !self.check_resolvers_name(head, report) {
            return;
        }
        if let Some(extra) = head.words.get(2) {
            let shown = format!("resolvers {name} {}", extra.text);
            report.push(ignored(&shown, extra.span));
        }
        let mut resolvers = Resolvers::new(name, Some(head.span(1)));
        let mut context = ResolversContext {
            resolvers: &mut resolvers,
            report,
        };
        let wrong_before = context.report.errors();
        for line in &section.lines {
            resolvers_keywords::line(&mut context, line);
        }
        if resolvers.nameservers.is_empty() && report.errors() == wrong_before {
            let place = report.place(head.span);
            let words =
                format!("config : resolvers '{name}' [{place}] has no nameservers configured!");
            report.push(
                Diagnostic::warning(
                    "no-nameserver",
                    format!("`resolvers {name}` has no name server"),
                )
                .at(head.statement(), "")
                .next("for example  nameserver dns1 127.0.0.1:5300")
                .haproxy(words),
            );
        }
        self.draft.resolvers.push(resolvers);
    }

    fn check_resolvers_name(&self, head: &Line, report: &mut Report<'_>) -> bool {
        let name = head.text(1);
        let known = self.draft.resolvers.iter();
        let former = known
            .filter(|other| other.name == name)
            .find_map(|other| other.span);
        let diagnostic = if name.is_empty() {
            Diagnostic::error("missing-name", "this `resolvers` has no name")
                .at(head.keyword().span, "")
                .next("for example  resolvers lab")
                .haproxy(report.spaced(head.span, "missing name for resolvers section."))
        } else if let Some(odd) = server::forbidden_char(name) {
            let words = format!("character '{odd}' is not permitted in 'resolvers' name '{name}'.");
            Diagnostic::error("bad-name", format!("`{name}` is not a name"))
                .at(head.span(1), "")
                .why(format!(
                    "`{odd}` is not allowed; letters, digits and _ : . - are"
                ))
                .haproxy(report.spaced(head.span, &words))
        } else if let Some(former) = former {
            let words = format!(
                "config : Parsing [{}]: resolvers '{name}' has same name as another resolvers (declared at {}).",
                report.place(head.span),
                report.place(former)
            );
            Diagnostic::error(
                "duplicate-resolvers",
                format!("two `resolvers` are named `{name}`"),
            )
            .at(head.span(1), "again here")
            .beside(former, "first used here")
            .haproxy(words)
            // HAProxy goes on to this
            .haproxy(report.spaced(head.span, "out of memory."))
        } else {
            return true;
        };
        report.push(diagnostic);
        false
    }

    fn proxy(&mut self, kind: Kind, section: &RawSection, report: &mut Report<'_>) {
        let head = &section.head;
        let from = from_word(kind, head);
        let name = match head.words.get(1) {
            Some(word) if from != Some(1) => word.clone(),
            _ => Word {
                text: String::new(),
                span: head.keyword().span,
            },
        };
        if kind != Kind::Defaults {
            self.check_name(kind, head, &name, report);
        }
        let settings = self.inherited(kind, head, from, &name, report);
        let mut proxy = Proxy::new(kind, name, head.statement(), settings);
        proxy.defaults = self.source_of(kind, head, from);
        let mut context = ProxyContext {
            proxy: &mut proxy,
            global: &self.draft.global,
            shared: &mut self.draft.shared,
            report,
        };
        acl::read_acls(&mut context, &section.lines);
        for line in &section.lines {
            proxy_keywords::line(&mut context, line);
        }
        self.check_id(&proxy, report);
        match kind {
            Kind::Defaults => self.defaults.push(proxy),
            _ => self.draft.proxies.push(proxy),
        }
    }

    /// The head of the `defaults` that a section takes over from.
    fn source_of(&self, kind: Kind, head: &Line, from: Option<usize>) -> Option<diagnostics::Span> {
        let found = match from {
            None => self.defaults.last().filter(|_| kind != Kind::Defaults),
            Some(at) => {
                let wanted = head.text(at + 1);
                self.defaults.iter().find(|d| d.name.text == wanted)
            }
        };
        found.map(|defaults| defaults.head)
    }

    fn check_id(&self, proxy: &Proxy, report: &mut Report<'_>) {
        let Some((id, at)) = proxy.id else { return };
        let same = |other: &&Proxy| other.id.is_some_and(|(other, _)| other == id);
        let Some(other) = self.draft.proxies.iter().find(same) else {
            return;
        };
        let words = format!(
            "{} {} reuses same custom id as {} {} (declared at {}).",
            proxy.kind.title(),
            proxy.name.text,
            other.kind.title(),
            other.name.text,
            report.place(other.head)
        );
        report.push(
            Diagnostic::error("duplicate-id", format!("two sections have the id {id}"))
                .at(at, "")
                .beside(other.name.span, "this one has it already")
                .haproxy(report.tight(at, &words)),
        );
    }

    fn check_name(&self, kind: Kind, head: &Line, name: &Word, report: &mut Report<'_>) {
        let kind_name = kind.name();
        if name.text.is_empty() {
            let words = format!("'{kind_name}' expects an <id> argument");
            report.push(
                Diagnostic::error("missing-name", format!("this `{kind_name}` has no name"))
                    .at(head.keyword().span, "")
                    .next(format!("for example  {kind_name} {}", example(kind)))
                    .haproxy(report.spaced(head.span, &words)),
            );
            return;
        }
        if let Some(odd) = server::forbidden_char(&name.text) {
            let words = format!(
                "character '{odd}' is not permitted in '{kind_name}' name '{}'.",
                name.text
            );
            report.push(
                Diagnostic::error("bad-name", format!("`{}` is not a name", name.text))
                    .at(name.span, "")
                    .why(format!(
                        "`{odd}` is not allowed; letters, digits and _ : . - are"
                    ))
                    .haproxy(report.spaced(head.span, &words)),
            );
        }
        self.check_unique(kind, head, name, report);
        check_extra(kind, head, report);
    }

    /// A frontend and a backend may share a name, two frontends or two backends may not.
    fn check_unique(&self, kind: Kind, head: &Line, name: &Word, report: &mut Report<'_>) {
        let other = self.draft.proxies.iter().find(|other| {
            let clash = (kind.has_frontend() && other.kind.has_frontend())
                || (kind.has_backend() && other.kind.has_backend());
            other.name.text == name.text && clash
        });
        let Some(other) = other else { return };
        let words = format!(
            "config : Parsing [{}]: {} '{}' has the same name as {} '{}' declared at {}.",
            report.place(head.span),
            kind.title(),
            name.text,
            other.kind.title(),
            other.name.text,
            report.place(other.name.span),
        );
        let diagnostic = Diagnostic::error(
            "duplicate-proxy",
            format!("two sections have the same name, `{}`", name.text),
        )
        .at(name.span, "again here")
        .beside(other.name.span, "first used here")
        .why("the log and the statistics know sections by name");
        // HAProxy 2.6 overlooks a `listen` after a backend of its name
        let overlooked = kind == Kind::Listen && !other.kind.has_frontend();
        report.push(if overlooked {
            diagnostic
        } else {
            diagnostic.haproxy(words)
        });
    }

    fn inherited(
        &self,
        kind: Kind,
        head: &Line,
        from: Option<usize>,
        name: &Word,
        report: &mut Report<'_>,
    ) -> Settings {
        let Some(at) = from else {
            let latest = self.defaults.last().filter(|_| kind != Kind::Defaults);
            return latest
                .map(|defaults| self.taken_over(defaults, kind, head, report))
                .unwrap_or_default();
        };
        let wanted = head.text(at + 1);
        let mut found = self.defaults.iter().filter(|d| d.name.text == wanted);
        let (Some(defaults), second) = (found.next(), found.next()) else {
            report.push(self.unknown_defaults(kind, head, at + 1, name, report));
            return Settings::default();
        };
        if let Some(second) = second {
            let words = format!(
                "ambiguous defaults section name '{wanted}' referenced by {} '{}' exists at least at {} and {}.",
                kind.title(),
                name.text,
                report.place(defaults.head),
                report.place(second.head),
            );
            report.push(
                Diagnostic::error(
                    "ambiguous-defaults",
                    format!("two `defaults` are named `{wanted}`"),
                )
                .at(head.span(at + 1), "")
                .beside(defaults.name.span, "one here")
                .beside(second.name.span, "one here")
                .haproxy(report.spaced(head.span, &words)),
            );
        }
        self.taken_over(defaults, kind, head, report)
    }

    /// What a section takes over; rules are meant either for clients or for servers.
    fn taken_over(
        &self,
        defaults: &Proxy,
        kind: Kind,
        head: &Line,
        report: &mut Report<'_>,
    ) -> Settings {
        let mut settings = defaults.settings.clone();
        settings.states = settings.states.taken_over();
        let place = report.place(defaults.head);
        let words = match kind {
            _ if !settings.has_rules() => None,
            Kind::Listen => Some(
                "a listen section cannot inherit from a defaults section defining TCP/HTTP rules."
                    .to_owned(),
            ),
            Kind::Frontend | Kind::Backend => {
                let other =
                    |proxy: &Proxy| proxy.defaults == Some(defaults.head) && proxy.kind != kind;
                self.draft.proxies.iter().any(other).then(|| {
                    format!(
                        "frontends and backends cannot inherit from the same defaults section if it defines TCP/HTTP rules (defaults section at {place})."
                    )
                })
            }
            Kind::Defaults => None,
        };
        if let Some(words) = words {
            report.push(
                Diagnostic::error(
                    "shared-rules",
                    "rules of `defaults` are for frontends alone, or for backends alone",
                )
                .at(head.keyword().span, "")
                .beside(defaults.head, "these have rules")
                .next("give frontends and backends a `defaults` of their own, and name it with `from`")
                .haproxy(report.tight(head.span, &words)),
            );
        }
        settings
    }

    fn unknown_defaults(
        &self,
        kind: Kind,
        head: &Line,
        at: usize,
        name: &Word,
        report: &Report<'_>,
    ) -> Diagnostic {
        let wanted = head.text(at);
        let words = format!(
            "defaults section '{wanted}' not found for {} '{}'.",
            kind.title(),
            name.text
        );
        let known = self.defaults.iter().map(|d| d.name.text.as_str());
        let label = nearest(wanted, known).filter(|name| !name.is_empty());
        Diagnostic::error(
            "unknown-defaults",
            format!("there is no `defaults {wanted}` above"),
        )
        .at(
            head.span(at),
            label.map_or_else(String::new, |name| format!("did you mean `{name}`?")),
        )
        .haproxy(report.spaced(head.span, &words))
    }
}

fn check_extra(kind: Kind, head: &Line, report: &mut Report<'_>) {
    let kind_name = kind.name();
    let most = from_word(kind, head).map_or(2, |from| from + 2);
    let Some(extra) = head.words.get(most) else {
        return;
    };
    let mut diagnostic = Diagnostic::error(
        "unexpected-word",
        format!("`{}` is one word too many for `{kind_name}`", extra.text),
    )
    .at(extra.span, "")
    .next("a name is one word; addresses stand on lines of their own:  bind *:3000");
    if head.words.len() > 4 {
        let words = format!(
            "'{kind_name}' cannot handle unexpected argument '{}'.",
            head.text(4)
        );
        diagnostic = diagnostic.haproxy(report.spaced(head.span, &words));
    }
    if kind.has_frontend() {
        let words = "please use the 'bind' keyword for listening addresses.";
        diagnostic = diagnostic.haproxy(report.spaced(head.span, words));
    }
    report.push(diagnostic);
}

/// Where `from` stands in a section's head line.
fn from_word(kind: Kind, head: &Line) -> Option<usize> {
    match (head.text(1), head.text(2), head.words.len()) {
        ("from", _, 3) if kind == Kind::Defaults => Some(1),
        (_, "from", 4..) => Some(2),
        _ => None,
    }
}

fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Backend => "application_nodes",
        Kind::Listen => "stats_page",
        _ => "http-in",
    }
}

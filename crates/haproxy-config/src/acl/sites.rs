//! Where rules stand, and which fetches have a value there.

use samples::fetch::Needs;
use samples::{Acl, Condition, Expression};

/// The moments at which rules are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// `tcp-request connection`.
    Connection,
    /// `tcp-request session`.
    Session,
    /// `tcp-request content`.
    Content,
    /// The same in a backend.
    BackendContent,
    /// `tcp-response content`.
    ResponseContent,
    /// `http-request` in a frontend.
    FrontendRequest,
    /// The same in a `listen`, whose rules know their backend.
    ListenRequest,
    /// `use_backend`.
    UseBackend,
    /// `http-request` in a backend.
    BackendRequest,
    /// `use-server`.
    UseServer,
    /// `http-response` and `http-after-response` in a backend.
    BackendResponse,
    /// The same in a frontend or a `listen`.
    FrontendResponse,
    /// `log-format`.
    Log,
    /// A step of a health check.
    Check,
    /// `http-error`: whatever there is when it is sent.
    ErrorPage,
}

impl Site {
    /// As HAProxy's messages name it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Connection => "frontend tcp-request connection rule",
            Self::Session => "frontend tcp-request session rule",
            Self::Content => "frontend tcp-request content rule",
            Self::BackendContent => "backend tcp-request content rule",
            Self::ResponseContent => "backend tcp-response content rule",
            Self::FrontendRequest | Self::ListenRequest => "frontend http-request header rule",
            Self::UseBackend => "frontend use-backend rule",
            Self::BackendRequest => "backend http-request header rule",
            Self::UseServer => "backend use-server, balance or stick-match rule",
            Self::BackendResponse => "backend http-response header rule",
            Self::FrontendResponse => "frontend http-response header rule",
            Self::Log => "logs",
            Self::Check => "backend tcp-check rule",
            Self::ErrorPage => "http error",
        }
    }

    /// Whether a fetch that needs this has a value here.
    pub(crate) fn has(self, needs: Needs) -> bool {
        use Site::{
            BackendContent, BackendRequest, BackendResponse, Check, Connection, Content,
            FrontendRequest, FrontendResponse, ListenRequest, Log, ResponseContent, Session,
            UseBackend, UseServer,
        };
        let answered = matches!(self, ResponseContent | BackendResponse | FrontendResponse);
        match needs {
            _ if self == Self::ErrorPage => true,
            Needs::Nothing | Needs::Client => true,
            Needs::Buffer | Needs::Request | Needs::Body => matches!(
                self,
                Content
                    | BackendContent
                    | FrontendRequest
                    | ListenRequest
                    | UseBackend
                    | BackendRequest
                    | UseServer
            ),
            Needs::Head => self.has(Needs::Request) || answered || self == Check,
            Needs::ClientSession | Needs::Frontend => self != Check,
            Needs::RequestFacts => !matches!(self, Connection | Session | Check),
            Needs::ResponseBuffer => answered || self == Check,
            Needs::Response => answered || self == Check,
            Needs::ResponseFacts => answered || matches!(self, Log | Check),
            Needs::Backend => !matches!(
                self,
                Connection | Session | Content | FrontendRequest | UseBackend
            ),
            Needs::Server => answered || matches!(self, Log | Check),
        }
    }

    fn fits(self, expression: &Expression) -> bool {
        self.has(expression.fetch.needs)
    }
}

/// Tests of a condition that cannot hold at a site, in HAProxy's words.
pub(super) fn conflicts(condition: &Condition, site: Site) -> Vec<String> {
    let terms = condition.any_of.iter().flatten();
    terms.filter_map(|term| conflict(&term.acl, site)).collect()
}

fn conflict(acl: &Acl, site: Site) -> Option<String> {
    let odd = |test: &&samples::Test| !site.fits(&test.expression);
    let first = acl.tests.iter().find(odd)?;
    let (name, keyword, title) = (&acl.name, first.expression.fetch.name, site.title());
    let all = acl.tests.iter().all(|test| !site.fits(&test.expression));
    let within = match site {
        Site::Connection => " in 'tcp-request connection'",
        Site::Session => " in 'tcp-request session'",
        Site::Content | Site::BackendContent => " in 'tcp-request content'",
        Site::ResponseContent => " in 'tcp-response content'",
        _ => "",
    };
    Some(if name.is_empty() {
        format!(
            "anonymous acl will never match{within} because it uses keyword '{keyword}' which is incompatible with '{title}'"
        )
    } else if all {
        format!(
            "acl '{name}' will never match{within} because it only involves keywords that are incompatible with '{title}'"
        )
    } else {
        format!("acl '{name}' involves keywords '{keyword}' which is incompatible with '{title}'")
    })
}

//! The lines of a check put together: what is written, and what HAProxy adds to it.

use crate::keywords::checks::{CheckSettings, IMPLICIT_CONNECT, Rules};
use crate::model::{
    CheckAction, CheckExpect, CheckPattern, CheckProtocol, CheckRequest, CheckScript, CheckStep,
};

/// The steps of a backend's checks.
pub(crate) fn script(settings: &CheckSettings) -> CheckScript {
    let protocol = settings.enabled.unwrap_or(CheckProtocol::Connection);
    let steps = match protocol {
        CheckProtocol::Connection => Vec::new(),
        CheckProtocol::Tcp => settings.tcp.steps.clone(),
        CheckProtocol::Http => with_expectations(with_request(&settings.http)),
    };
    CheckScript {
        protocol,
        steps: with_connect(steps),
        disable_on_404: settings.disable_on_404,
        send_state: settings.send_state,
    }
}

/// The request of `option httpchk` is the first one; where that is written, it goes before what the option says.
fn with_request(rules: &Rules) -> Vec<CheckStep> {
    let mut steps = rules.steps.clone();
    let Some(option) = &rules.request else {
        return steps;
    };
    let mut requests = steps.iter_mut().filter_map(|step| match &mut step.action {
        CheckAction::Request(request) => Some(request),
        _ => None,
    });
    if let Some(first) = requests.next() {
        merge(first, option);
        return steps;
    }
    let first = steps.iter().position(|step| step.action.is_of_server());
    let after_connect = first.filter(|at| matches!(steps[*at].action, CheckAction::Connect(_)));
    steps.insert(
        after_connect.map_or(0, |at| at + 1),
        CheckStep {
            action: CheckAction::Request(option.clone()),
            comment: None,
        },
    );
    steps
}

fn merge(written: &mut CheckRequest, option: &CheckRequest) {
    fn or<T: Clone>(written: &mut Option<T>, option: &Option<T>) {
        if written.is_none() {
            written.clone_from(option);
        }
    }
    or(&mut written.method, &option.method);
    or(&mut written.uri, &option.uri);
    or(&mut written.version, &option.version);
    or(&mut written.body, &option.body);
    if written.headers.is_empty() {
        written.headers.clone_from(&option.headers);
    }
}

/// After a last request that nothing is expected of, 2xx and 3xx are.
fn with_expectations(mut steps: Vec<CheckStep>) -> Vec<CheckStep> {
    let mut counted = steps.iter().rev().map(|step| &step.action);
    let last = counted.find(|action| action.is_of_server());
    if matches!(last, Some(CheckAction::Request(_))) {
        steps.push(success());
    }
    steps
}

fn success() -> CheckStep {
    CheckStep {
        action: CheckAction::Expect(Box::new(CheckExpect {
            pattern: CheckPattern::Status(vec![(200, 399)]),
            negated: false,
            min_recv: None,
            ok_status: None,
            error_status: None,
            timeout_status: None,
            on_success: None,
            on_error: None,
            status_code: None,
        })),
        comment: None,
    }
}

fn with_connect(mut steps: Vec<CheckStep>) -> Vec<CheckStep> {
    let mut counted = steps.iter().map(|step| &step.action);
    let first = counted.find(|action| action.is_of_server());
    if !matches!(first, Some(CheckAction::Connect(_))) {
        steps.insert(0, IMPLICIT_CONNECT);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use samples::Format;
    use samples::format::{Piece, Purpose};

    fn written(format: &Format) -> &str {
        match format.pieces.as_slice() {
            [Piece::Text(text)] => text,
            _ => "(made)",
        }
    }

    fn request(method: &str, uri: &str) -> CheckRequest {
        let own = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        CheckRequest {
            method: own(method),
            uri: own(uri).map(|uri| Format::plain(&uri, Purpose::Check)),
            ..CheckRequest::default()
        }
    }

    fn step(action: CheckAction) -> CheckStep {
        CheckStep {
            action,
            comment: None,
        }
    }

    #[track_caller]
    fn check(option: Option<CheckRequest>, steps: Vec<CheckStep>, expected: &[&str]) {
        let settings = CheckSettings {
            enabled: Some(CheckProtocol::Http),
            http: Rules {
                request: option,
                steps,
                inherited: false,
            },
            ..CheckSettings::default()
        };
        let names: Vec<String> = script(&settings)
            .steps
            .iter()
            .map(|step| match &step.action {
                CheckAction::Connect(connect) if connect.implicit => "(connect)".to_owned(),
                CheckAction::Connect(_) => "connect".to_owned(),
                CheckAction::Request(request) => format!(
                    "{} {}",
                    request.method.as_deref().unwrap_or("-"),
                    request.uri.as_ref().map_or("-", written)
                ),
                CheckAction::Expect(_) => "expect".to_owned(),
                _ => "other".to_owned(),
            })
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn an_option_alone_asks_and_expects_success() {
        let option = Some(request("GET", "/x"));
        check(option, Vec::new(), &["(connect)", "GET /x", "expect"]);
        check(None, Vec::new(), &["(connect)"]);
    }

    #[test]
    fn a_written_request_goes_before_the_options() {
        let send = step(CheckAction::Request(request("HEAD", "")));
        let steps = vec![send.clone(), success()];
        let option = Some(request("GET", "/x"));
        check(option, steps, &["(connect)", "HEAD /x", "expect"]);
        let steps = vec![
            step(CheckAction::Connect(crate::model::CheckConnect::default())),
            send,
        ];
        let option = Some(request("GET", "/x"));
        check(option, steps, &["connect", "HEAD /x", "expect"]);
    }

    #[test]
    fn the_options_request_follows_a_written_connect() {
        let connect = step(CheckAction::Connect(crate::model::CheckConnect::default()));
        let option = Some(request("", "/x"));
        check(option, vec![connect], &["connect", "- /x", "expect"]);
    }
}

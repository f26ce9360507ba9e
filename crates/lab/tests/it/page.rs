//! The activities in a browser: the same walk as in the terminal.

use crate::browser::Browser;
use crate::support::Lab;
use testkit::{Client, Port, Process};

/// Without course files of the folder that the tests run in.
fn serve(lab: &Lab, port: &Port) -> Process {
    let process = Process::spawn(&mut lab.command(&format!("page --port {}", port.number())));
    process.wait_for_line("page: http://");
    process
}

#[test]
fn a_browser_walks_by_keyboard_and_follows_the_terminal() {
    let (lab, port) = (Lab::new(2), Port::reserve());
    let _page = serve(&lab, &port);
    let Some(mut browser) = Browser::open(&format!("http://{}/", port.address())) else {
        return;
    };
    browser.wait_until(
        "the list",
        "document.querySelectorAll('#list li').length > 7",
    );
    browser.value("document.querySelector('#list button[value=\"1\"]').focus()");
    browser.press("Enter", 13);
    // The answer to the key moves the focus once it is here; news of the walk may tell the title before.
    browser.wait_until(
        "activity 1",
        "document.title.startsWith('1 ') && document.activeElement.id === 'step'",
    );
    // The main button, reached and pressed by keyboard.
    browser.value("document.getElementById('go').focus()");
    browser.press("Enter", 13);
    browser.wait_until(
        "its second step",
        "document.querySelectorAll('ul.boxes li.open').length === 1",
    );
    // What is done in a terminal is seen here.
    lab.done("hint");
    browser.wait_until(
        "the hint",
        "document.querySelectorAll('#step .hint').length === 1",
    );
    lab.run("back");
    browser.wait_until(
        "the first step",
        "document.querySelectorAll('ul.boxes').length === 0",
    );
    browser.width(320);
    assert_eq!(
        browser.value("document.documentElement.scrollWidth <= 320"),
        true
    );
    let elsewhere = "performance.getEntriesByType('resource').filter(e => !e.name.startsWith(location.origin)).length";
    assert_eq!(browser.value(elsewhere), 0);
}

#[test]
fn without_scripts_forms_do_the_same() {
    let (lab, port) = (Lab::new(1), Port::reserve());
    let _page = serve(&lab, &port);
    let page = testkit::get(port.address(), "/").text();
    let token = page
        .split_once("name=\"token\" value=\"")
        .and_then(|(_, rest)| rest.split('"').next())
        .expect("forms carry a token")
        .to_owned();
    let post = |body: &str| {
        let mut client = Client::connect(port.address());
        client.send(format!(
            "POST /act HTTP/1.1\r\nHost: page\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        client.response().head()
    };
    assert!(
        post("open=1").starts_with("HTTP/1.1 403"),
        "a form from elsewhere"
    );
    let moved = post(&format!("token={token}&open=1"));
    assert!(moved.starts_with("HTTP/1.1 303"), "{moved}");
    let page = testkit::get(port.address(), "/").text();
    assert!(page.contains("<title>1 "), "{page}");
    assert!(
        lab.run("activity").stdout.starts_with("1  "),
        "the terminal goes on there"
    );
}

#[test]
fn lab_up_serves_the_page_and_says_where() {
    let (lab, port) = (Lab::new(1), Port::reserve());
    let words = lab.up_words(&format!("--page={}", port.number()));
    let up = Process::spawn(&mut lab.command(&words));
    up.wait_for_line("stop all: Ctrl-C");
    assert!(
        up.stdout()
            .contains(&format!("activities http://127.0.0.1:{}", port.number()))
    );
    let page = testkit::get(port.address(), "/").text();
    assert!(page.contains("<th scope=\"row\">server01</th>"), "{page}");
    let said = lab.run(&format!("page --port {}", port.number()));
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("listens there"), "{said:?}");
}

//! An author's text as HTML. Nothing of it is trusted: every word is escaped, and links lead to pages only.

use course::text::{Block, Span, Style};
use std::fmt::Write;

/// Text that may stand in HTML, in attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

pub(super) fn blocks(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    match block {
        // The page's own headings are the first two.
        Block::Heading { level, text } => {
            let level = (level + 2).min(6);
            format!("<h{level}>{}</h{level}>\n", spans(text))
        }
        Block::Paragraph { text } => format!("<p>{}</p>\n", spans(text)),
        // It can be scrolled, so it must be reachable by keyboard.
        Block::Code { text } => format!("<pre tabindex=\"0\">{}</pre>\n", escape(text.trim_end())),
        Block::List { from, items } => list(*from, items),
        Block::Quote { blocks: inner } => {
            format!("<blockquote>{}</blockquote>\n", blocks(inner))
        }
        Block::Table { head, rows } => table(head, rows),
        Block::Rule => "<hr>\n".to_owned(),
    }
}

fn list(from: Option<u64>, items: &[Vec<Block>]) -> String {
    let (open, close) = match from {
        None => ("<ul>".to_owned(), "</ul>"),
        Some(1) => ("<ol>".to_owned(), "</ol>"),
        Some(from) => (format!("<ol start=\"{from}\">"), "</ol>"),
    };
    let items: String = items
        .iter()
        .map(|item| format!("<li>{}</li>\n", tight(item)))
        .collect();
    format!("{open}\n{items}{close}\n")
}

/// A single paragraph needs no paragraph around it.
fn tight(item: &[Block]) -> String {
    match item {
        [Block::Paragraph { text }, rest @ ..] => spans(text) + &blocks(rest),
        all => blocks(all),
    }
}

fn table(head: &[Vec<Span>], rows: &[Vec<Vec<Span>>]) -> String {
    let mut html = "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>".to_owned();
    for cell in head {
        let _ = write!(html, "<th scope=\"col\">{}</th>", spans(cell));
    }
    html.push_str("</tr></thead><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row {
            let _ = write!(html, "<td>{}</td>", spans(cell));
        }
        html.push_str("</tr>");
    }
    html + "</tbody></table></div>\n"
}

fn spans(all: &[Span]) -> String {
    all.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    let text = escape(&span.text);
    let styled = match span.style {
        Style::Plain => text,
        Style::Strong => format!("<strong>{text}</strong>"),
        Style::Emphasis => format!("<em>{text}</em>"),
        Style::Code => format!("<code>{text}</code>"),
    };
    let leads = span.link.as_deref().filter(|link| {
        ["http://", "https://"]
            .iter()
            .any(|scheme| link.starts_with(scheme))
    });
    match leads {
        Some(link) => format!(
            "<a href=\"{}\" rel=\"noreferrer\">{styled}</a>",
            escape(link)
        ),
        None => styled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<Span> {
        vec![Span::plain(text)]
    }

    #[test]
    fn no_text_becomes_markup() {
        let text = Block::Paragraph {
            text: plain("<script>alert(\"1\")</script> & 'co'"),
        };
        assert_eq!(
            blocks(&[text]),
            "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;co&#39;</p>\n"
        );
    }

    #[test]
    fn links_lead_to_pages_only() {
        let link = |to: &str| {
            span(&Span {
                text: "x".into(),
                style: Style::Plain,
                link: Some(to.into()),
            })
        };
        assert_eq!(
            link("https://a/?b=\"c\""),
            "<a href=\"https://a/?b=&quot;c&quot;\" rel=\"noreferrer\">x</a>"
        );
        assert_eq!(link("javascript:alert(1)"), "x");
    }

    #[test]
    fn lists_and_tables_keep_their_form() {
        let item = |text: &str| vec![Block::Paragraph { text: plain(text) }];
        let list = Block::List {
            from: Some(3),
            items: vec![item("a"), item("b")],
        };
        assert_eq!(
            blocks(&[list]),
            "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"
        );
        let table = Block::Table {
            head: vec![plain("h")],
            rows: vec![vec![plain("c")]],
        };
        assert!(blocks(&[table]).contains("<th scope=\"col\">h</th>"));
    }
}

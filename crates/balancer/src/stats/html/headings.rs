//! The headings of the table, and what they mean.

/// A group of columns.
struct Group {
    name: &'static str,
    columns: &'static [Heading],
}

struct Heading {
    name: &'static str,
    meaning: &'static str,
}

const fn heading(name: &'static str, meaning: &'static str) -> Heading {
    Heading { name, meaning }
}

const GROUPS: &[Group] = &[
    Group {
        name: "Queue",
        columns: &[
            heading("Cur", "requests waiting for a free place now"),
            heading("Max", "most requests that ever waited at once"),
            heading(
                "Limit",
                "most requests that may wait for this server (maxqueue)",
            ),
        ],
    },
    Group {
        name: "Session rate",
        columns: &[
            heading("Cur", "new sessions in the last second"),
            heading("Max", "most new sessions there ever were in a second"),
            heading("Limit", "most new sessions allowed in a second"),
        ],
    },
    Group {
        name: "Sessions",
        columns: &[
            heading("Cur", "sessions now"),
            heading("Max", "most sessions there ever were at once"),
            heading(
                "Limit",
                "most sessions allowed at once (maxconn; for a backend fullconn)",
            ),
            heading(
                "Total",
                "sessions so far; for a server every attempt to connect, retries too",
            ),
            heading("LbTot", "how many times load balancing chose this server"),
            heading("Last", "how long ago it last got a session; ?: never"),
        ],
    },
    Group {
        name: "Bytes",
        columns: &[
            heading("In", "bytes of requests, headers included"),
            heading("Out", "bytes of responses, headers included"),
        ],
    },
    Group {
        name: "Denied",
        columns: &[
            heading("Req", "requests that a rule refused"),
            heading("Resp", "responses that a rule refused"),
        ],
    },
    Group {
        name: "Errors",
        columns: &[
            heading(
                "Req",
                "requests that were broken, too slow, or given up half-way",
            ),
            heading(
                "Conn",
                "requests for which no connection to a server could be made",
            ),
            heading("Resp", "responses that were broken, late or cut off"),
        ],
    },
    Group {
        name: "Warnings",
        columns: &[
            heading("Retr", "attempts to connect again to the same server"),
            heading(
                "Redis",
                "requests moved to another server after a failed connection",
            ),
        ],
    },
    Group {
        name: "Server",
        columns: &[
            heading(
                "Status",
                "state, and since when; UP 2/3: two more failed checks and it is DOWN; DOWN 1/2: one of two checks needed has passed",
            ),
            heading(
                "LastChk",
                "result of the last health check, and the time it took",
            ),
            heading("Wght", "weight in force / weight as configured or set"),
            heading(
                "Act",
                "Y: an active server; for a backend how many can be used",
            ),
            heading(
                "Bck",
                "Y: a backup server; for a backend how many can be used",
            ),
            heading(
                "Chk",
                "how many health checks failed while the server was up",
            ),
            heading("Dwn", "how many times this server went from UP to DOWN"),
            heading("Dwntme", "time spent DOWN, all added up"),
            heading(
                "Thrtle",
                "percent of its weight that a starting server gets (slowstart)",
            ),
        ],
    },
];

/// The two rows of headings; `corner` goes into the cell above the check boxes.
pub(super) fn rows(corner: &str) -> String {
    let groups = GROUPS.iter().map(|group| {
        let (width, name) = (group.columns.len(), group.name);
        format!("<th colspan={width}>{name}</th>")
    });
    let columns = GROUPS.iter().flat_map(|group| {
        group.columns.iter().map(|column| {
            let (group, name, meaning) = (group.name, column.name, column.meaning);
            format!("<th title=\"{group}, {name}: {meaning}\">{name}</th>")
        })
    });
    format!(
        "<tr class=\"titre\"><th rowspan=2>{corner}</th><th rowspan=2></th>{}</tr>\n\
         <tr class=\"titre\">{}</tr>\n",
        groups.collect::<String>(),
        columns.collect::<String>()
    )
}

/// The list at the foot of the page.
pub(super) fn list() -> String {
    let entries = GROUPS.iter().flat_map(|group| {
        group.columns.iter().map(|column| {
            let (group, name, meaning) = (group.name, column.name, column.meaning);
            format!("<dt>{group}, {name}</dt><dd>{meaning}</dd>\n")
        })
    });
    format!(
        "<details><summary>? What the columns mean</summary>\n<dl>\n{}</dl></details>\n",
        entries.collect::<String>()
    )
}

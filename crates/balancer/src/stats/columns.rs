//! The columns of every statistic: the order and names of HAProxy 2.6's CSV header, and what each means.

/// Declares the columns: variant, name in the header, tags of the typed form, meaning.
macro_rules! columns {
    ($($variant:ident: $name:literal $tags:literal $meaning:literal;)*) => {
        /// One column. Its position in the header is its value, but see [`SEPARATOR`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Column { $($variant),* }

        impl Column {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As in the header.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Origin, nature and scope, one letter each (management guide 9.2, "typed").
            pub fn tags(self) -> &'static str {
                match self { $(Self::$variant => $tags),* }
            }

            /// What it tells, in words.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

/// HAProxy puts a lone `-` between the columns of the proxy itself and those of protocols: before this one.
pub const SEPARATOR: Column = Column::SslSess;

impl Column {
    /// Place in the typed form, where the separator does not count.
    pub fn position(self) -> usize {
        self as usize
    }
}

/// The first line of the CSV form.
pub fn header() -> String {
    let mut line = String::from("# ");
    for &column in Column::ALL {
        if column == SEPARATOR {
            line.push_str("-,");
        }
        line.push_str(column.name());
        line.push(',');
    }
    line
}

columns! {
    Pxname: "pxname" "KNS" "Name of the frontend, backend or listen section";
    Svname: "svname" "KNS" "FRONTEND, BACKEND, or the name of the server or listener";
    Qcur: "qcur" "MGP" "Requests waiting in the queue now";
    Qmax: "qmax" "MMP" "Most requests that ever waited in the queue at once";
    Scur: "scur" "MGP" "Sessions now";
    Smax: "smax" "MMP" "Most sessions there ever were at once";
    Slim: "slim" "CLP" "Most sessions allowed: maxconn, for a backend fullconn";
    Stot: "stot" "MCP" "Sessions so far; for a server every attempt to connect";
    Bin: "bin" "MCP" "Bytes of requests so far, headers included";
    Bout: "bout" "MCP" "Bytes of responses so far, headers included";
    Dreq: "dreq" "MCP" "Requests denied by a rule";
    Dresp: "dresp" "MCP" "Responses denied by a rule";
    Ereq: "ereq" "MCP" "Requests that were broken, too slow, or given up half-way";
    Econ: "econ" "MCP" "Requests for which no connection to a server could be made";
    Eresp: "eresp" "MCP" "Responses that were broken, late or cut off";
    Wretr: "wretr" "MCP" "Attempts to connect again to the same server";
    Wredis: "wredis" "MCP" "Requests moved to another server after a failed connection";
    Status: "status" "SGP" "OPEN or STOP for a frontend, UP or DOWN for a backend, state by checks and people for a server";
    Weight: "weight" "MaP" "Weight in force; for a backend the sum of its usable servers";
    Act: "act" "SGP" "1: an active server; for a backend how many active servers are usable";
    Bck: "bck" "SGP" "1: a backup server; for a backend how many backup servers are usable";
    Chkfail: "chkfail" "MCP" "Failed health checks while the server was up";
    Chkdown: "chkdown" "MCP" "How many times this server (or the whole backend) went from UP to DOWN";
    Lastchg: "lastchg" "MAP" "Seconds since the state last changed";
    Downtime: "downtime" "MCP" "Seconds spent down, all added up";
    Qlimit: "qlimit" "CLS" "Most requests allowed in the queue of this server";
    Pid: "pid" "KGP" "Number of the process, always 1";
    Iid: "iid" "KGS" "Number of the proxy";
    Sid: "sid" "KGS" "Number of the server or listener, 0 for a frontend or backend";
    Throttle: "throttle" "MGP" "Percent of the weight that slowstart allows now";
    Lbtot: "lbtot" "MCP" "How many times the balance algorithm chose it";
    Tracked: "tracked" "CNS" "The server whose state this one follows";
    Type: "type" "CGS" "0 frontend, 1 backend, 2 server, 3 listener";
    Rate: "rate" "MRP" "Sessions in the last second";
    RateLim: "rate_lim" "CLP" "Most new sessions allowed in a second";
    RateMax: "rate_max" "MMP" "Most new sessions there ever were in a second";
    CheckStatus: "check_status" "MOP" "Result of the last health check; a star in front: one is running";
    CheckCode: "check_code" "MOP" "HTTP status the last health check got";
    CheckDuration: "check_duration" "MDP" "Milliseconds the last health check took";
    Hrsp1xx: "hrsp_1xx" "MCP" "Responses with a status of 100 to 199";
    Hrsp2xx: "hrsp_2xx" "MCP" "Responses with a status of 200 to 299";
    Hrsp3xx: "hrsp_3xx" "MCP" "Responses with a status of 300 to 399";
    Hrsp4xx: "hrsp_4xx" "MCP" "Responses with a status of 400 to 499";
    Hrsp5xx: "hrsp_5xx" "MCP" "Responses with a status of 500 to 599";
    HrspOther: "hrsp_other" "MCP" "Requests that ended without a status, or with another one";
    Hanafail: "hanafail" "MCP" "How often errors of real traffic counted as a failed check";
    ReqRate: "req_rate" "MRP" "HTTP requests in the last second";
    ReqRateMax: "req_rate_max" "MMP" "Most HTTP requests there ever were in a second";
    ReqTot: "req_tot" "MCP" "HTTP requests so far";
    CliAbrt: "cli_abrt" "MCP" "Transfers that the client broke off";
    SrvAbrt: "srv_abrt" "MCP" "Transfers that the server broke off";
    CompIn: "comp_in" "MCP" "Bytes given to compression";
    CompOut: "comp_out" "MCP" "Bytes that came out of compression";
    CompByp: "comp_byp" "MCP" "Bytes that compression let pass";
    CompRsp: "comp_rsp" "MCP" "Responses that were compressed";
    Lastsess: "lastsess" "MAP" "Seconds since a session was last given to it, -1: never";
    LastChk: "last_chk" "MOP" "Detail of the last health check";
    LastAgt: "last_agt" "MOP" "Detail of the last agent check";
    Qtime: "qtime" "MaP" "Milliseconds waited in the queue, average of the last requests";
    Ctime: "ctime" "MaP" "Milliseconds to connect to the server, average of the last requests";
    Rtime: "rtime" "MaP" "Milliseconds until the server answered, average of the last requests";
    Ttime: "ttime" "MaP" "Milliseconds of the whole exchange, average of the last requests";
    AgentStatus: "agent_status" "MOP" "Result of the last agent check";
    AgentCode: "agent_code" "MOP" "Code of the last agent check";
    AgentDuration: "agent_duration" "MDP" "Milliseconds the last agent check took";
    CheckDesc: "check_desc" "MOP" "Result of the last health check in words";
    AgentDesc: "agent_desc" "MOP" "Result of the last agent check in words";
    CheckRise: "check_rise" "CGS" "Passed checks in a row that bring the server UP";
    CheckFall: "check_fall" "CGS" "Failed checks in a row that take the server DOWN";
    CheckHealth: "check_health" "CGS" "The counter of the checks: 0 to rise+fall-1, up from rise on";
    AgentRise: "agent_rise" "CGS" "Good agent answers in a row that bring the server UP";
    AgentFall: "agent_fall" "CGS" "Bad agent answers in a row that take the server DOWN";
    AgentHealth: "agent_health" "CGS" "The counter of the agent checks";
    Addr: "addr" "CGS" "Address and port";
    Cookie: "cookie" "CNS" "Name of the persistence cookie; for a server its value";
    Mode: "mode" "CGS" "http or tcp";
    Algo: "algo" "CGS" "The balance algorithm";
    ConnRate: "conn_rate" "MRP" "New connections in the last second";
    ConnRateMax: "conn_rate_max" "MMP" "Most new connections there ever were in a second";
    ConnTot: "conn_tot" "MCP" "Connections so far";
    Intercepted: "intercepted" "MCP" "Requests that the balancer answered itself, such as this page";
    Dcon: "dcon" "MCP" "Connections refused by a rule";
    Dses: "dses" "MCP" "Sessions refused by a rule";
    Wrew: "wrew" "MCP" "Header rewrites that failed";
    Connect: "connect" "MCP" "New connections to servers";
    Reuse: "reuse" "MCP" "Requests that found an idle connection to a server";
    CacheLookups: "cache_lookups" "MCP" "Requests looked up in the cache";
    CacheHits: "cache_hits" "MCP" "Requests answered from the cache";
    SrvIcur: "srv_icur" "MGP" "Idle connections to this server";
    SrcIlim: "src_ilim" "CLP" "Most idle connections to this server";
    QtimeMax: "qtime_max" "MMP" "Longest wait in the queue, milliseconds";
    CtimeMax: "ctime_max" "MMP" "Longest time to connect to a server, milliseconds";
    RtimeMax: "rtime_max" "MMP" "Longest time until a server answered, milliseconds";
    TtimeMax: "ttime_max" "MMP" "Longest exchange, milliseconds";
    Eint: "eint" "MCP" "Errors inside the balancer";
    IdleConnCur: "idle_conn_cur" "MGP" "Idle connections for repeatable requests only";
    SafeConnCur: "safe_conn_cur" "MGP" "Idle connections for any request";
    UsedConnCur: "used_conn_cur" "MGP" "Connections in use";
    NeedConnEst: "need_conn_est" "MGP" "Connections that will be needed, an estimate";
    Uweight: "uweight" "MaP" "Weight as configured or set by a person; for a backend the sum of its usable servers";
    AggServerStatus: "agg_server_status" "MGP" "States of the servers, summed up";
    AggServerCheckStatus: "agg_server_check_status" "MGP" "States of the checks, summed up";
    AggCheckStatus: "agg_check_status" "MGP" "States of the checks, summed up";
    SslSess: "ssl_sess" "MCP" "TLS sessions so far";
    SslReusedSess: "ssl_reused_sess" "MCP" "TLS sessions that were resumed";
    SslFailedHandshake: "ssl_failed_handshake" "MCP" "TLS handshakes that failed";
    H2HeadersRcvd: "h2_headers_rcvd" "MCP" "HTTP/2: HEADERS frames received";
    H2DataRcvd: "h2_data_rcvd" "MCP" "HTTP/2: DATA frames received";
    H2SettingsRcvd: "h2_settings_rcvd" "MCP" "HTTP/2: SETTINGS frames received";
    H2RstStreamRcvd: "h2_rst_stream_rcvd" "MCP" "HTTP/2: RST_STREAM frames received";
    H2GoawayRcvd: "h2_goaway_rcvd" "MCP" "HTTP/2: GOAWAY frames received";
    H2DetectedConnProtocolErrors: "h2_detected_conn_protocol_errors" "MCP" "HTTP/2: protocol errors of connections";
    H2DetectedStrmProtocolErrors: "h2_detected_strm_protocol_errors" "MCP" "HTTP/2: protocol errors of streams";
    H2RstStreamResp: "h2_rst_stream_resp" "MCP" "HTTP/2: RST_STREAM frames sent for an error";
    H2GoawayResp: "h2_goaway_resp" "MCP" "HTTP/2: GOAWAY frames sent for an error";
    H2OpenConnections: "h2_open_connections" "MGP" "HTTP/2: connections now";
    H2BackendOpenStreams: "h2_backend_open_streams" "MGP" "HTTP/2: streams now";
    H2TotalConnections: "h2_total_connections" "MCP" "HTTP/2: connections so far";
    H2BackendTotalStreams: "h2_backend_total_streams" "MCP" "HTTP/2: streams so far";
    H1OpenConnections: "h1_open_connections" "MGP" "HTTP/1: connections now";
    H1OpenStreams: "h1_open_streams" "MGP" "HTTP/1: requests being answered now";
    H1TotalConnections: "h1_total_connections" "MCP" "HTTP/1: connections so far";
    H1TotalStreams: "h1_total_streams" "MCP" "HTTP/1: requests so far";
    H1BytesIn: "h1_bytes_in" "MCP" "HTTP/1: bytes received";
    H1BytesOut: "h1_bytes_out" "MCP" "HTTP/1: bytes sent";
    H1SplicedBytesIn: "h1_spliced_bytes_in" "MCP" "HTTP/1: bytes received without a copy";
    H1SplicedBytesOut: "h1_spliced_bytes_out" "MCP" "HTTP/1: bytes sent without a copy";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_haproxys() {
        let expected = concat!(
            "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,",
            "eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,",
            "qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,",
            "check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,",
            "hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,",
            "comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,",
            "ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,",
            "check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,",
            "algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,",
            "cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,",
            "ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,",
            "agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,",
            "ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,",
            "h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,",
            "h2_detected_conn_protocol_errors,h2_detected_strm_protocol_errors,",
            "h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,h2_backend_open_streams,",
            "h2_total_connections,h2_backend_total_streams,h1_open_connections,",
            "h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,",
            "h1_spliced_bytes_in,h1_spliced_bytes_out,",
        );
        assert_eq!(header(), expected);
    }

    #[test]
    fn tags_are_three_letters() {
        assert!(Column::ALL.iter().all(|column| column.tags().len() == 3));
    }
}

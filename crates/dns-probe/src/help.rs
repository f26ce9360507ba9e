//! `--help`.

/// The help text.
pub(crate) fn text(program: &str) -> String {
    format!(
        "\
Ask a name server, as dig does.

  {program} [@server] [name] [type] [class] [+options] [-options]

  {program} google.com +short                 one address
  {program} @127.0.0.1 -p 5300 google.com     another server
  {program} google.com --repeat 8             who comes first, again and again
  {program} --compare google.com yahoo.com    how names are spread

dig's own
  @server           the server to ask
  -p PORT           its port
  -t TYPE -c CLASS  what to ask for (a bare word will do: mx, txt, aaaa)
  -q NAME           a name that looks like something else
  -x ADDRESS        the name of an address
  -4 -6             only IPv4, only IPv6
  -u                times in microseconds
  +short            values only
  +[no]all +[no]answer +[no]authority +[no]additional +[no]question +[no]comments +[no]stats +[no]cmd +[no]qr
  +[no]ttlid +[no]ttlunits +[no]class +[no]multiline +[no]identify +[no]unknownformat +[no]expandaaaa +split=N
  +[no]tcp +[no]ignore +[no]fail +time=SECONDS +tries=N +retry=N
  +[no]recurse +[no]aaflag +[no]adflag +[no]cdflag +[no]zflag +opcode=N +qid=N
  +[no]edns[=N] +bufsize=N +[no]dnssec +[no]cookie[=HEX] +subnet=ADDRESS/N +[no]nsid +[no]expire +ednsopt=N[:HEX]

The lab's own
  --repeat N        ask N times and show a table
  --every 2s        with a pause between
  --through cache   through one cache of the lab;  --through farm: through three
  --live            today's internet: the resolver of this machine
  --ttl SECONDS     ask the lab's server for this time to live
  --type A,AAAA     several types
  --short           values only;  --json: for programs;  --plain: no bars
  --compare NAME... names beside one another
  --record FILE NAME...  write live answers into a zone file
  --fail            exit code 1 when there is no such name or no such record

exit codes  0 an answer, even \"no such name\"   1 the command line is wrong   8 a file cannot be had   9 no reply
            10 a value is wrong
"
    )
}

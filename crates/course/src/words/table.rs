//! The table: a key for translators, and the English sentence. `{name}` is filled in.

macro_rules! sentences {
    ($($name:ident $key:literal $english:literal;)*) => {
        /// A sentence of the engine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sentence {
            $(#[doc = $english] $name,)*
        }

        impl Sentence {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What stands for it in a translation: kebab-case.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            pub const fn english(self) -> &'static str {
                match self { $(Self::$name => $english,)* }
            }

            pub fn by_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|sentence| sentence.key() == key)
            }
        }
    };
}

sentences! {
    // Lists and ways to end.
    ListEnd "list-end" "{first} and {last}";
    ByCtrlC "by-ctrl-c" "by Ctrl-C";
    ByClosing "by-closing" "because its terminal was closed (SIGHUP)";
    BySignal "by-signal" "by {signal}";
    WithExit "with-exit" "with {code}";
    Ended "ended" "ended";
    InTerminal "in-terminal" "in terminal {terminal}";

    // Ports.
    StillAnswers "still-answers" "{ports} still answers";
    StillAnswerMany "still-answer-many" "{ports} still answer";
    NobodyListens "nobody-listens" "nobody listens on {ports}";
    AllAnswer "all-answer" "{ports} answer";
    OneAnswersOneNot "one-answers-one-not" "{open} answers, {shut} does not";
    OneAnswersManyNot "one-answers-many-not" "{open} answers, {shut} do not";
    ManyAnswerOneNot "many-answer-one-not" "{open} answer, {shut} does not";
    ManyAnswerManyNot "many-answer-many-not" "{open} answer, {shut} do not";
    NoServerYet "no-server-yet" "no server answers yet";
    NoneYet "none-yet" "none yet";
    SoMany "so-many" "{n} of {of}: {which}";
    Frozen "frozen" "{port} is frozen: it accepts connections and does not answer";
    Open "open" "{port} is open";

    // What came, went and was read.
    StartedAt "started-at" "{port} started at {time}";
    NothingStarted "nothing-started" "nothing was started yet";
    NothingEnded "nothing-ended" "nothing has ended yet";
    RefusedAt "refused-at" "a second program was refused {port} at {time}";
    NothingRefused "nothing-refused" "nobody was refused a port yet";
    SavedAt "saved-at" "saved at {time}";
    SavedWith "saved-with" "saved at {time}: {change}";
    NotSaved "not-saved" "{file} was not saved with a change yet";
    LoadedAt "loaded-at" "loaded at {time}";
    NotLoadedSince "not-loaded-since" "loaded at {time}, and not again since";
    NotLoaded "not-loaded" "not loaded yet";
    OneBalancer "one-balancer" "one balancer on {port} (pid {pid})";
    ManyBalancers "many-balancers" "{n} balancers share {port} (pids {pids}): they answer in turns";

    // The file.
    FileSaved "file-saved" "{file}, saved {time}";
    NoFile "no-file" "there is no {file} here";
    FileThere "file-there" "{file} is there";
    LineProblem "line-problem" "line {line}: {message}";
    NotReadable "not-readable" "{file} cannot be read";
    OnLine "on-line" "line {line}";
    NoSuchLine "no-such-line" "no line `{line}` in {file}";
    NoSuchLineRuns "no-such-line-runs" "no line `{line}` in what runs";
    ServersOne "servers-one" "{n} server";
    ServersMany "servers-many" "{n} servers";
    NoServer "no-server" "no server";
    NotListed "not-listed" "{name} is not listed";
    HasWeight "has-weight" "{name} has weight {weight}";
    SomeHave "some-have" "{n} of {all}; not yet {names}";
    ListsNobody "lists-nobody" "nobody listens on {port} ({name}, line {line})";
    Misses "misses" "{ports} not listed";
    RunsAndLists "runs-and-lists" "running: {runs};  listed: {lists}";
    OnPorts "on-ports" "on {ports}";
    FileHas "file-has" "the file has {change} since {saved}, but the balancer runs the one of {loaded}";
    FileChanged "file-changed" "the file was saved at {saved} ({change}), but the balancer runs the one of {loaded}";
    FileNewer "file-newer" "the file was saved at {saved}, but the balancer runs the one of {loaded}";
    ChangeServer "change-server" "{name}";
    ChangeWeight "change-weight" "weight {weight} on {name}";
    ChangeCheck "change-check" "`check` on {name}";
    ChangeNoCheck "change-no-check" "no `check` on {name}";
    ChangeStatistics "change-statistics" "a statistics page on {port}";

    // Traffic.
    NoRequests "no-requests" "none so far";
    SoFar "so-far" "{n} so far ({callers})";
    SoFarFrom "so-far-from" "{found}, from {ports}";
    BrowserCount "browser-count" "browser {n}";
    BrowserIcons "browser-icons" "browser {n}, of them {icons} for /favicon.ico";
    Only "only" "only {ports}";
    NoneOf "none-of" "none of {n}";
    SomeAfter "some-after" "{n}: {status} after {time}";
    JustPaid "just-paid" "a caller just got {status} after {time}";
    InARow "in-a-row" "{n} of {of} in a row so far";
    Shares "shares" "{shares} of {n}";
    PageNotYet "page-not-yet" "{url} was not opened yet";

    // Beliefs.
    StateSince "state-since" "{name}: {state} for {time}";
    ChecksFailed "checks-failed" "{n} of {of} checks failed, about {time} to go";
    ChecksPassed "checks-passed" "{n} of {of} checks answered, about {time} to go";
    NotInStatistics "not-in-statistics" "{name} is not in the balancer's statistics";
    Grew "grew" "{column} grew by {n}";

    // Names.
    NotAskedName "not-asked-name" "no question for {name} yet";
    NotAsked "not-asked" "no question yet";
    AskedOnce "asked-once" "asked once: {answers}";
    AskedTimes "asked-times" "asked {n} times: {answers}";
    AskedMany "asked-many" "asked {n} times, at last: {answers}";
    RealServers "real-servers" "{servers} servers beyond this machine, {answers} different answers";

    // What cannot be seen.
    RunningUnseen "running-unseen" "what {program} runs cannot be seen from here: look yourself, then Enter (or start it with `lab balancer -f`)";
    RequestsUnseen "requests-unseen" "requests through {program} cannot be seen here, as it tells the lab no log: look yourself, then Enter";
    OnlyHitSeen "only-hit-seen" "{found}; through {program} only `lab hit` can be counted";
    PageUnseen "page-unseen" "who opens the page of {program} cannot be seen here: look yourself, then Enter";
    HealthUnseen "health-unseen" "{program} shows no statistics, so what it believes cannot be seen: look yourself, then Enter";

    // Waiting.
    Settling "settling" "a moment: it may still be on its way";
    NotYet "not-yet" "not yet.";
    WaitingFor "waiting-for" "for: {what}";
    Done "done" "done.";
    OnYourWord "on-your-word" "taken on your word: what cannot be seen from here was not checked.";
    NothingToCheck "nothing-to-check" "there is nothing to check here; go on with Enter, or: lab next";
    NoLonger "no-longer" "no longer so: {say} ({found})";

    // A walk.
    Explain "explain" "READ";
    Do "do" "DO";
    Predict "predict" "PREDICT";
    LookAt "look" "LOOK";
    Reveal "reveal" "REVEAL";
    Quiz "quiz" "QUIZ";
    Find "find" "FIND   (on the page, not by asking lab status)";
    Place "place" "step {n} of {of}";
    PlaceFirst "place-first" "step {n} of {of}, about {minutes} minutes";
    FirstStep "first-step" "this is the first step";
    StepsOpen "steps-open" "not all of it is done: {steps}. Go there:  lab activity {id} --step {first}";
    SkipLocked "skip-locked" "steps cannot be passed over in this course";
    Hint "hint" "hint {n} of {of}";
    HintLast "hint-last" "hint {n} of {of} (the last)";
    HintLastReveal "hint-last-reveal" "hint {n} of {of} (the last; after this there is lab reveal)";
    NoHints "no-hints" "this step has no hints";
    NoReveal "no-reveal" "this step has nothing to reveal";
    RevealLocked "reveal-locked" "locked until the step is passed: so it was decided for this course";
    RevealAnyway "reveal-anyway" "you have not passed this yet. Show anyway?";

    // Questions.
    GuessOne "guess-one" "your guess (a-{last}, or Enter for \"I do not know\")>";
    GuessFree "guess-free" "your guess (or Enter for \"I do not know\")>";
    AnswerOne "answer-one" "your answer (a-{last}, or Enter to be told)>";
    AnswerNumber "answer-number" "your answer (a number, or Enter to be told)>";
    AnswerFree "answer-free" "your answer>";
    TickSome "tick-some" "tick all that fit, for example  a c>";
    OneOf "one-of" "one letter from a to {last}, please";
    SomeOf "some-of" "letters from a to {last}, please, for example  a c   (- for none)";
    ANumber "a-number" "a number, please";
    SomeWords "some-words" "a few words, please";
    DoNotKnow "do-not-know" "I do not know";
    Kept "kept" "kept: {said}.  We will see.";
    KeptOne "kept-one" "kept: {said}.";
    AnswerFirst "answer-first" "there is a question first:  lab answer a";
    AllAnswered "all-answered" "all questions of this step are answered";
    NoQuestion "no-question" "this step asks no question";
    Right "right" "yes.";
    NotThatOne "not-that-one" "not quite. Try again, it costs nothing (or Enter to be told).";
    ItIs "it-is" "it is:  {truth}";
    FindIt "find-it" "look it up on the page, and type what you see";
    OnceMore "once-more" "{right} of the {needed} that are needed. The others once more:";
    Yes "yes" "yes";
    No "no" "no ";
    FitsNow "fits-now" "fits.";
    FitsRange "fits-range" "fits: {from} to {to} in the last ten seconds";
    FitsWords "fits-words" "fits: \"{value}\"";
    FitsNot "fits-not" "that is not what the page shows now";
    CannotCompare "cannot-compare" "taken on your word: the statistics cannot be seen from here";
    NoteNeeded "note-needed" "a line of your own, please";
    Noted "noted" "noted in .lab/notebook.md";
    YouSaid "you-said" "You said";
    ItWas "it-was" "It was";

    // Beginning.
    NeedsServers "needs-servers" "this begins with {n} servers; {runs} answer here";
    NeedsBalancer "needs-balancer" "this begins with a balancer on {port}; nobody listens there";
    NeedsNameServer "needs-name-server" "this begins with a name server on {port}; nobody listens there";
    NeedsConfig "needs-config" "this begins with another {file} than yours";
    NeedsFile "needs-file" "this begins with a {file}; there is none here";
    MakeItSo "make-it-so" "make it so:  lab reset {id}";

    // Keys.
    KeyCheck "key-check" "check now";
    KeyNext "key-next" "next";
    KeyEnd "key-end" "finish";
    KeySkip "key-skip" "skip";
    KeyHint "key-hint" "hint ({n})";
    KeyReveal "key-reveal" "reveal";
    KeyBack "key-back" "back";
    KeyPass "key-pass" "pass over";
    KeyNote "key-note" "note";
    KeyList "key-list" "list";
    KeyQuit "key-quit" "leave, all is saved";

    // Notebook and report.
    NotebookTitle "notebook-title" "Notebook";
    ReportTitle "report-title" "Report";
    ReportOf "report-of" "Report of {name}";
    Summary "summary" "Activities begun: {begun}, done: {done}.   Time: {time}, days: {days}.   Guesses that fitted: {fitted} of {guesses}.   {date}, lab {lab}";
    ColumnActivity "column-activity" "activity";
    ColumnStep "column-step" "step";
    ColumnTime "column-time" "time";
    ColumnHints "column-hints" "hints";
    ColumnRemarks "column-remarks" "remarks";
    ColumnLearner "column-learner" "learner";
    RemarkSkipped "remark-skipped" "passed over";
    RemarkOpen "remark-open" "open";
    RemarkRevealed "remark-revealed" "solution looked at";
    RemarkTrusted "remark-trusted" "on their word";
    RemarkMisses "remark-misses" "wrong tries: {n}";
    WasTold "was-told" "was told";
    HintsUsed "hints-used" "{n} of {of} hints";
    ClassTitle "class-title" "A class of {n}";
    ClassLegend "class-legend" "Time from the first look at a step to its pass, hints, remarks. The last row counts who needed the last hint or the solution: where that is half of those who came by, the text is weak.";
    ClassWeak "class-weak" "needed all help";
    Weak "weak" "weak";

    // The list, and the walk in a terminal.
    Waiting "waiting" "waiting:";
    StateDone "state-done" "done";
    StateHere "state-here" "HERE";
    AfterThese "after-these" "after {ids}";
    MoreLabs "more-labs" "more labs:";
    Besides "besides" "besides:";
    ListFoot "list-foot" "go on: lab activity      any one: lab activity 3.4      (the order is advice; --force opens any)";
    Left "left" "left; all is saved. Go on with:  lab activity";
    KeysAre "keys-are" "a key of the last line, please, or a word: check, hint, reveal, back, note ..., list, open, next, quit";
    FinishedOne "finished-one" "{id} is done.";
    FinishedAll "finished-all" "That was all of it. Your notebook:  lab report";
    NextIs "next-is" "next:  lab activity {id}    {title}";
    OpenNext "open-next" "Enter: open it    q: leave";
    BuildsOn "builds-on" "{id} builds on {needs}, which is not done. Open it all the same? [y/N]";
    OrSkip "or-skip" "(Enter to skip)>";
    YourName "your-name" "your name, for the report (Enter: none)>";
    ThatIsAll "that-is-all" "done: all boxes are ticked";

    // The page.
    PageLanguage "page-language" "en";
    PageSkip "page-skip" "To the step";
    PageGone "page-gone" "The lab does not answer. Is `lab up --page` still running?";
    PageSilent "page-silent" "The lab does not answer just now. The page goes on by itself when it is back.";
    PageActivities "page-activities" "Activities";
    PageProgress "page-progress" "{done} of {of} activities, {challenges} of {all} challenges; about {minutes} minutes left";
    PageHere "page-here" "here, step {n} of {of}";
    PageMinutes "page-minutes" "about {minutes} minutes";
    PageWelcome "page-welcome" "Choose an activity from the list. What you do here and in a terminal (lab activity) is the same walk, and is saved in this folder.";
    PageBegin "page-begin" "Begin with {id}";
    PageTicked "page-ticked" "done";
    PageOpen "page-open" "open";
    PageOutOfSight "page-out-of-sight" "cannot be seen";
    PageTryAgain "page-try-again" "Not that; try again.";
    PageQuestion "page-question" "Your answer";
    PageAnswer "page-answer" "Answer";
    PageLeaveOut "page-leave-out" "Leave it out";
    PageYourWords "page-your-words" "Your words";
    PageWrite "page-write" "Write it down";
    PageWorld "page-world" "What runs now";
    PageNothingRuns "page-nothing-runs" "Nothing of the lab runs in this folder. Start it in a terminal: lab up";
    PageCaption "page-caption" "\"process\" is what the machine says, \"balancer\" what the balancer believes";
    PageServer "page-server" "server";
    PagePort "page-port" "port";
    PageProcess "page-process" "process";
    PageBalancer "page-balancer" "balancer";
    PageWeight "page-weight" "weight";
    PageRequests "page-requests" "requests";
    PageErrors "page-errors" "errors";
    PageStarting "page-starting" "starting";
    PageUp "page-up" "up";
    PageFrozen "page-frozen" "FROZEN";
    PageStopped "page-stopped" "STOPPED";
    PageAbsent "page-absent" "not running";
    PageCallers "page-callers" "callers come in at";
    PageFile "page-file" "file";
    PageLoaded "page-loaded" "{file}, loaded at {time}";
    PageNewer "page-newer" "the file on disk is newer: lab reload";
    PageStatistics "page-statistics" "statistics";
    PageSwitchedOff "page-switched-off" "not switched on";
    PageHeldBack "page-held-back" "Some of it is held back while your guess is open.";
}

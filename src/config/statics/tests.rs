use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::limits::STATIC_FILE_BYTES_MAX;
use crate::config::Report;
use crate::config::statics::load::load_below;

use super::{Engine, FileSource, Flags, Loaded, LogLevel, Origin, Protocol, Sources};
use super::{RedirectionTarget, RuleSyntax, Static, load_text};

fn flags(arguments: &[&str]) -> Flags {
    let mut flags = Flags::new();
    let mut arguments = arguments.iter().map(|argument| (*argument).to_owned());
    while let Some(argument) = arguments.next() {
        flags.take(&argument, &mut arguments);
    }
    flags
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Loads with a root folder in which no file stands.
fn load(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Loaded, Report> {
    let sources = Sources {
        flags: flags(arguments),
        environment: variables(environment),
    };
    load_below(Path::new("/nonexistent"), &sources)
}

/// As [`load`], from one line.
fn load_line(line: &str) -> Result<Loaded, Report> {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    load(&arguments, &[])
}

fn loaded(arguments: &[&str]) -> Loaded {
    load(arguments, &[]).unwrap_or_else(|report| panic!("{report}"))
}

fn yaml(text: &str) -> Result<Loaded, Report> {
    load_text(Path::new("t.yaml"), text)
}

fn faults(result: Result<Loaded, Report>) -> String {
    match result {
        Ok(loaded) => panic!("it loaded: {}", loaded.warnings),
        Err(report) => report.to_string(),
    }
}

fn addresses(config: &Static) -> Vec<String> {
    let points = config.entry_points.iter();
    points
        .map(|(name, point)| format!("{name}={}", point.address))
        .collect()
}

/// A folder of its own for one test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ringway-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

const SEED: [&str; 19] = [
    "--global.checknewversion",
    "--global.sendanonymoususage",
    "--entryPoints.metrics.address=:9100/tcp",
    "--entryPoints.traefik.address=:9000/tcp",
    "--entryPoints.web.address=:8000/tcp",
    "--entryPoints.websecure.address=:8443/tcp",
    "--api.dashboard=true",
    "--ping=true",
    "--metrics.prometheus=true",
    "--metrics.prometheus.entrypoint=metrics",
    "--providers.kubernetescrd",
    "--providers.kubernetescrd.allowExternalNameServices=true",
    "--providers.kubernetesingress",
    "--providers.kubernetesingress.allowExternalNameServices=true",
    "--log.level=DEBUG",
    "--accesslog=true",
    "--accesslog.fields.defaultmode=keep",
    "--accesslog.fields.headers.defaultmode=drop",
    "--providers.file.directory=/etc/dynamic",
];

#[test]
fn the_flags_of_a_helm_deployment_load() {
    let loaded = loaded(&SEED);
    let config = &loaded.config;
    assert_eq!(
        addresses(config),
        [
            "metrics=:9100/tcp",
            "traefik=:9000/tcp",
            "web=:8000/tcp",
            "websecure=:8443/tcp"
        ]
    );
    assert_eq!(config.log.level, LogLevel::Debug);
    assert!(config.access_log.is_some() && config.ping.is_some());
    let warned: Vec<&str> = loaded
        .warnings
        .iter()
        .map(|problem| problem.file.as_str())
        .collect();
    assert_eq!(
        warned,
        [
            "--api.dashboard",
            "--metrics.prometheus",
            "--metrics.prometheus.entrypoint",
        ]
    );
}

/// Flags, environment, then the log level, whether ping is on, and how many warnings come.
type Case<'text> = (
    &'text [&'text str],
    &'text [(&'text str, &'text str)],
    LogLevel,
    bool,
    usize,
);

#[test]
fn the_first_source_that_says_something_wins_alone() {
    let folder = Folder::new("sources");
    let file = folder.write("t.yml", "log: {level: WARN}\n");
    let file = format!("--configFile={}", file.display());
    let env = &[("TRAEFIK_LOG_LEVEL", "INFO"), ("PATH", "/bin")];
    let both = &[
        ("TRAEFIK_LOG_LEVEL", "INFO"),
        ("RINGWAY_LOG_LEVEL", "TRACE"),
    ];
    let table: [Case<'_>; 7] = [
        (&[], &[], LogLevel::Error, false, 0),
        (&[], env, LogLevel::Info, false, 0),
        (&[], both, LogLevel::Trace, false, 1),
        (&["--log.level=DEBUG"], env, LogLevel::Debug, false, 1),
        (&["--ping"], env, LogLevel::Error, true, 1),
        (&[&file, "--ping"], env, LogLevel::Warn, false, 2),
        (&[&file], &[], LogLevel::Warn, false, 0),
    ];
    for (arguments, environment, level, ping, warnings) in table {
        let loaded = load(arguments, environment).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(loaded.config.log.level, level, "{arguments:?}");
        assert_eq!(loaded.config.ping.is_some(), ping, "{arguments:?}");
        assert_eq!(loaded.warnings.len(), warnings, "{}", loaded.warnings);
    }
}

#[test]
fn files_are_looked_for_in_their_order() {
    let folder = Folder::new("lookup");
    let xdg = folder.0.join("xdg");
    let home = folder.0.join("home");
    let environment = variables(&[
        ("XDG_CONFIG_HOME", xdg.to_str().unwrap()),
        ("HOME", home.to_str().unwrap()),
    ]);
    let sources = Sources {
        flags: Flags::new(),
        environment,
    };
    // From the last place to the first: each newly written file wins over those before.
    for name in [
        "home/.config/traefik.yml",
        "home/.config/traefik.toml",
        "xdg/traefik.yaml",
        "xdg/ringway.yml",
        "etc/traefik/traefik.yml",
        "etc/traefik/traefik.yaml",
        "etc/traefik/traefik.toml",
        "etc/ringway/ringway.yml",
    ] {
        let path = folder.write(name, "");
        let loaded = load_below(&folder.0, &sources).unwrap();
        assert_eq!(loaded.origin, Origin::File(path));
    }
}

#[test]
fn a_named_file_must_exist() {
    let text = faults(load(&["--CONFIGFILE", "/nonexistent/x.yml"], &[]));
    assert!(
        text.starts_with("/nonexistent/x.yml: error: can't be read: No such file"),
        "{text}"
    );
}

#[test]
fn a_file_beyond_all_measure_is_refused() {
    let folder = Folder::new("large");
    let len = usize::try_from(STATIC_FILE_BYTES_MAX).unwrap();
    let just = folder.write("just.yml", &"#".repeat(len));
    let over = folder.write("over.yml", &"#".repeat(len + 1));
    loaded(&["--configfile", just.to_str().unwrap()]);
    let text = faults(load(&["--configfile", over.to_str().unwrap()], &[]));
    assert!(
        text.contains("can't be read: it holds more than 4194304 bytes"),
        "{text}"
    );
}

#[test]
fn flags_read_in_every_form() {
    let loaded = loaded(&[
        "-log.LEVEL",
        "debug",
        "--entrypoints.My-Web.Address",
        ":1234",
        "--EntryPoints.My-Web.forwardedheaders.TRUSTEDIPS=10.0.0.0/8, 127.0.0.1",
        "--entrypoints.My-Web.http.middlewares[0]=a@file",
        "--entrypoints.My-Web.http.middlewares[1]=b@file",
        "--entrypoints.My-Web.http.tls.domains[0].main=example.com",
        "--entrypoints.My-Web.http.tls.domains[0].sans=a.example.com,b.example.com",
        "--accesslog.filters.statuscodes=200",
        "--accesslog.filters.statuscodes=300-302",
        "--accesslog.fields.headers.names.X-Odd.Name=keep",
        "--ping=false",
        "--ping.entrypoint=My-Web",
        "--shards",
        "3",
        "--engine=EPOLL",
    ]);
    let config = loaded.config;
    let point = &config.entry_points["My-Web"];
    assert_eq!(point.http.middlewares, ["a@file", "b@file"]);
    assert!(
        point
            .forwarded_headers
            .trusted_ips
            .contain("10.9.9.9".parse().unwrap())
    );
    let tls = point.http.tls.as_ref().unwrap();
    assert_eq!(tls.domains[0].sans, ["a.example.com", "b.example.com"]);
    let log = config.access_log.unwrap();
    assert_eq!(log.filters.status_codes, [(200, 200), (300, 302)]);
    assert!(log.fields.headers.contains_key("X-Odd.Name"));
    assert!(config.ping.is_none());
    assert_eq!((config.shards, config.engine), (3, Engine::Epoll));
}

#[test]
fn a_wrong_flag_says_what_would_be_right() {
    let table: [(&str, &str); 9] = [
        (
            "--log.levle=INFO",
            "--log.levle: error: no such option\n  hint: did you mean `--log.level`?",
        ),
        (
            "--entrypoint.web.address=:1",
            "--entrypoint.web.address: error: no such option\n  hint: did you mean `--entryPoints.web.address`?",
        ),
        (
            "--level=INFO",
            "--level: error: no such option\n  hint: did you mean `--log.level`?",
        ),
        (
            "--qqqqqq",
            "--qqqqqq: error: no such option\n  hint: see `ringway help options`",
        ),
        (
            "--log.level=LOUD",
            "--log.level: error: expected one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, PANIC, found `LOUD`",
        ),
        (
            "--log.level",
            "--log.level: error: needs a value: --log.level=<TRACE/DEBUG/INFO/WARN/ERROR/FATAL/PANIC>",
        ),
        (
            "--log.filePath --ping",
            "--log.filePath: error: needs a value: --log.filePath=<text>",
        ),
        (
            "--entrypoints",
            "--entrypoints: error: this is a group of options; set what is below it: <name>",
        ),
        (
            "--entrypoints.a.http.middlewares[1]=x@file",
            "--entrypoints.a.http.middlewares[1]: error: places must follow each other: [0] is missing",
        ),
    ];
    for (line, expected) in table {
        let text = faults(load_line(line));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn a_wrong_flag_stops_the_start_even_beside_a_file() {
    let folder = Folder::new("wrongflag");
    let file = folder.write("t.yml", "ping: {}\n");
    let file = format!("--configfile={}", file.display());
    assert!(faults(load(&[&file, "--pong"], &[])).contains("--pong: error: no such option"));
}

#[test]
fn the_environment_reads_names_with_underscores_and_ignores_service_links() {
    let loaded = load(
        &[],
        &[
            ("TRAEFIK_ENTRYPOINTS_MY_WEB_ADDRESS", ":99"),
            ("TRAEFIK_ENTRYPOINTS_MY_WEB_HTTP_TLS_DOMAINS_0_MAIN", "a"),
            ("TRAEFIK_ENTRYPOINTS_MY_WEB_HTTP_MIDDLEWARES_0", "x@file"),
            ("TRAEFIK_ACCESSLOG", "true"),
            ("TRAEFIK_PORT", "tcp://10.0.0.1:80"),
            ("TRAEFIK_PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("TRAEFIK_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("TRAEFIK_SERVICE_HOST", "10.0.0.1"),
            ("TRAEFIK_SERVICE_PORT_WEB", "80"),
            ("TRAEFIK_API_SERVICE_HOST", "10.0.0.1"),
        ],
    );
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(loaded.origin, Origin::Environment("TRAEFIK_"));
    assert_eq!(addresses(&loaded.config), ["my_web=:99/tcp"]);
    assert!(loaded.config.access_log.is_some());
}

#[test]
fn an_unknown_variable_stops_the_start() {
    let text = faults(load(&[], &[("TRAEFIK_LOG_LEVLE", "x")]));
    assert_eq!(
        text,
        "TRAEFIK_LOG_LEVLE: error: no such option\n  hint: did you mean `TRAEFIK_LOG_LEVEL`?\n"
    );
}

#[test]
fn an_unknown_key_is_an_error_with_its_place_and_at_the_root_a_warning() {
    let text = faults(yaml("entryPoints:\n  web:\n    adress: :80\n"));
    assert!(text.contains("t.yaml:3:5: error: entryPoints.web.adress: no such option\n  hint: did you mean `address`?"), "{text}");
    let loaded = yaml("http:\n  routers: {}\nlgo: 1\n").unwrap();
    assert_eq!(
        loaded.warnings.to_string(),
        "t.yaml:1:1: warning: http: no such option: it has no effect\n  hint: this belongs to the \
         dynamic configuration: put it in a file of providers.file\n\
         t.yaml:3:1: warning: lgo: no such option: it has no effect\n  hint: did you mean `log`?\n"
    );
}

#[test]
fn keys_of_a_file_match_in_any_case_and_names_keep_theirs() {
    let loaded = yaml("ENTRYPOINTS: {Web: {ADDRESS: ':81'}}\nLog: {LEVEL: info}\n").unwrap();
    assert_eq!(addresses(&loaded.config), ["Web=:81/tcp"]);
    assert_eq!(loaded.config.log.level, LogLevel::Info);
}

#[test]
fn wrong_shapes_in_a_file_are_named_with_their_place() {
    let table = [
        (
            "log: 5\n",
            "t.yaml:1:1: error: log: expected true or false, found `5`",
        ),
        (
            "log: {level: [a]}\n",
            "t.yaml:1:7: error: log.level: expected a value (TRACE/DEBUG/INFO/WARN/ERROR/FATAL/PANIC), found a list",
        ),
        (
            "entryPoints: [a]\n",
            "t.yaml:1:1: error: entryPoints: expected a map of options, found a list",
        ),
        (
            "- a\n",
            "t.yaml:1:1: error: expected a map of options, found a list",
        ),
        ("a: [\n", "t.yaml:2:1: error: "),
        (
            "entryPoints: {a: {address: ':1', transport: {lifeCycle: {graceTimeOut: soon}}}}\n",
            "entryPoints.a.transport.lifeCycle.graceTimeOut: expected a duration such as 1m30s, 500ms or 10, found `soon`",
        ),
    ];
    for (text, expected) in table {
        let report = faults(yaml(text));
        assert!(report.contains(expected), "{report}");
    }
}

#[test]
fn an_empty_block_of_a_file_stays_off_and_is_named() {
    let loaded = yaml("ping:\n").unwrap();
    assert!(loaded.config.ping.is_none());
    assert!(
        loaded
            .warnings
            .to_string()
            .contains("hint: write `ping: {}` to turn it on")
    );
    assert!(yaml("ping: {}\n").unwrap().config.ping.is_some());
    assert!(yaml("ping: false\n").unwrap().config.ping.is_none());
}

#[test]
fn entry_points_that_nobody_wrote_appear_where_they_are_needed() {
    let table: [(&str, &[&str]); 8] = [
        ("", &["http=:80/tcp"]),
        ("--ping", &["http=:80/tcp", "traefik=:8080/tcp"]),
        ("--ping --ping.manualrouting", &["http=:80/tcp"]),
        ("--api.insecure", &["http=:80/tcp", "traefik=:8080/tcp"]),
        ("--api", &["http=:80/tcp"]),
        (
            "--metrics.prometheus",
            &["http=:80/tcp", "traefik=:8080/tcp"],
        ),
        (
            "--providers.rest.insecure",
            &["http=:80/tcp", "traefik=:8080/tcp"],
        ),
        (
            "--ping --entrypoints.traefik.address=:9000 --entrypoints.a.address=:1",
            &["a=:1/tcp", "traefik=:9000/tcp"],
        ),
    ];
    for (line, expected) in table {
        let loaded = load_line(line).unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(addresses(&loaded.config), expected, "{line}");
    }
}

#[test]
fn defaults_are_those_of_the_table() {
    let config = loaded(&[]).config;
    let point = &config.entry_points["http"];
    assert!(point.implicit && point.http.sanitize_path && point.http.encoded_characters.slash);
    assert_eq!(point.http.header_bytes_max, 1 << 20);
    assert_eq!(point.transport.read_timeout, Some(Duration::from_secs(60)));
    assert_eq!(point.transport.write_timeout, None);
    assert_eq!(point.transport.idle_timeout, Some(Duration::from_secs(180)));
    assert_eq!(point.transport.grace, Duration::from_secs(10));
    assert_eq!(point.udp_timeout, Duration::from_secs(3));
    assert_eq!(point.http2.concurrent_streams_max, 250);
    assert_eq!(config.servers_transport.idle_connections_max, 200);
    assert_eq!(
        config.servers_transport.dial_timeout,
        Some(Duration::from_secs(30))
    );
    assert_eq!(config.providers.throttle, Duration::from_secs(2));
    assert_eq!(config.providers.precedence.len(), 17);
    assert_eq!(config.default_rule_syntax, RuleSyntax::V3);
    assert_eq!(config.default_entry_points(), ["http"]);
}

const WRONG: [(&str, &str); 10] = [
    (
        "--entrypoints.a.asdefault",
        "entryPoints.a.address: the address is missing",
    ),
    ("--entrypoints.a.address=:1/sctp", "`sctp` is no protocol"),
    (
        "--entrypoints.a.address=:1 --entrypoints.b.address=:1",
        "`:1/tcp` is taken by entryPoints.a already",
    ),
    (
        "--entrypoints.a.address=:1 --entrypoints.a.udp.timeout=0",
        "must be more than 0",
    ),
    (
        "--entrypoints.a.address=:1 --entrypoints.a.http2.maxconcurrentstreams=-1",
        "0 or more",
    ),
    (
        "--entrypoints.a.address=:1 --entrypoints.a.proxyprotocol.trustedips=10/8",
        "found `10/8`",
    ),
    (
        "--providers.precedence=file,foo",
        "there is no provider `foo`",
    ),
    ("--core.defaultrulesyntax=v1", "expected one of v3, v2"),
    (
        "--providers.file.watch",
        "the file provider needs `filename` or `directory`",
    ),
    ("--ping.terminatingstatuscode=20", "`20` is no HTTP status"),
];

const ODD: [(&str, &str); 3] = [
    ("--ping.entrypoint=gone", "there is no entry point `gone`"),
    ("--entrypoints.a.address=:1/udp", "UDP is not served yet"),
    (
        "--entrypoints.a.address=:1 --entrypoints.a.http.middlewares=x",
        "write it as x@file",
    ),
];

#[test]
fn wrong_values_stop_the_start() {
    for (line, expected) in WRONG {
        let text = faults(load_line(line));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn odd_values_are_named() {
    for (line, expected) in ODD {
        let loaded = load_line(line).unwrap_or_else(|report| panic!("{report}"));
        assert!(
            loaded.warnings.to_string().contains(expected),
            "{}",
            loaded.warnings
        );
    }
}

#[test]
fn options_without_effect_are_named_unless_they_repeat_their_default() {
    let table: [(&str, &[&str]); 6] = [
        (
            "--pilot.token=abc",
            &[
                "--pilot.token: warning: has no effect: Traefik Pilot was shut down, the option does nothing: remove it",
            ],
        ),
        (
            "--hostresolver.cnameflattening",
            &[
                "hostResolver: has no effect",
                "--hostresolver.cnameflattening: warning",
            ],
        ),
        (
            "--entrypoints.a.address=:1 --entrypoints.a.http2.maxconcurrentstreams=250",
            &[],
        ),
        ("--tracing=false --tracing.samplerate=0.5", &[]),
        (
            "--certificatesresolvers.ali.acme.email=a@b.c",
            &[
                "certificatesResolvers.ali: has no effect",
                "--certificatesresolvers.ali.acme.email: warning",
            ],
        ),
        (
            "--providers.plugin.mine.some.thing=1",
            &["has no effect: plugins are not served yet"],
        ),
    ];
    for (line, expected) in table {
        let loaded = load_line(line).unwrap_or_else(|report| panic!("{report}"));
        let warnings = loaded.warnings;
        assert_eq!(warnings.len(), expected.len(), "{warnings}");
        for (warning, expected) in warnings.iter().zip(expected) {
            assert!(warning.to_string().contains(expected), "{warning}");
        }
    }
}

#[test]
fn every_gone_option_is_hinted_at_in_one_go() {
    let text = faults(yaml(
        "pilot: {token: x}\nexperimental: {http3: true}\nproviders: {docker: {swarmMode: true}}\n\
         tracing: {jaeger: {samplingParam: 1}}\nmetrics: {influxdb: {}}\n",
    ));
    assert_eq!(text.matches("error: ").count(), 4, "{text}");
    assert!(text.contains("Swarm has its own provider since v3: use providers.swarm"));
}

#[test]
fn redirections_and_files_read_as_what_they_mean() {
    let config = loaded(&[
        "--entrypoints.web.address=:80",
        "--entrypoints.web.http.redirections.entrypoint.to=:443",
        "--entrypoints.tls.address=:443",
        "--entrypoints.tls.http.redirections.entrypoint.to=web",
        "--entrypoints.tls.http.redirections.entrypoint.permanent=false",
        "--providers.file.filename=a.yml",
    ])
    .config;
    let to = |name: &str| config.entry_points[name].http.redirection.clone().unwrap();
    assert_eq!(to("web").to, RedirectionTarget::Port(443));
    assert_eq!(
        (to("web").permanent, to("web").priority),
        (true, i64::MAX - 1)
    );
    assert_eq!(to("tls").to, RedirectionTarget::EntryPoint("web".into()));
    assert!(!to("tls").permanent);
    assert_eq!(
        config.providers.file.unwrap().source,
        FileSource::File(PathBuf::from("a.yml"))
    );
}

#[test]
fn routers_without_entry_points_go_to_all_tcp_ones_or_to_the_marked() {
    let mut all = vec![
        "--entrypoints.a.address=:1",
        "--entrypoints.b.address=:2",
        "--entrypoints.u.address=:3/udp",
        "--ping",
    ];
    let config = loaded(&all).config;
    assert_eq!(config.default_entry_points(), ["a", "b"]);
    assert_eq!(config.entry_points["u"].address.protocol, Protocol::Udp);
    all.push("--entrypoints.b.asdefault");
    assert_eq!(loaded(&all).config.default_entry_points(), ["b"]);
}

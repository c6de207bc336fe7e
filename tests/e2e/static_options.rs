//! Each static option that is served has the effect that its help says. The first test holds the
//! list: an option that comes into service names its test there.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::Command;

use ringway::config::statics::option::State;
use ringway::config::statics::table;

use crate::harness::{
    Client, Folder, Process, Router, Server, Site, all_tests, free_address, pause, wait_for,
    with_lines,
};

/// Option, and the test that shows its effect. `entryPoints.*` is written as `ep`.
const SHOWN: &str = "
accessLog                                            e2e access_log::the_common_format_tells_what_traefiks_does
accessLog.addInternals                               e2e static_options::internal_services_are_logged_when_asked
accessLog.fields.defaultMode                         e2e static_options::fields_of_the_access_log_are_chosen
accessLog.fields.headers.defaultMode                 e2e access_log::no_request_forges_a_field_or_a_line
accessLog.fields.headers.names.*                     e2e access_log::the_json_format_tells_fields_and_kept_headers
accessLog.fields.names.*                             e2e static_options::fields_of_the_access_log_are_chosen
accessLog.fields.queryParameters.defaultMode         e2e static_options::fields_of_the_access_log_are_chosen
accessLog.filePath                                   e2e access_log::the_common_format_tells_what_traefiks_does
accessLog.filters.minDuration                        e2e static_options::slow_and_repeated_requests_pass_their_filters
accessLog.filters.retryAttempts                      e2e static_options::slow_and_repeated_requests_pass_their_filters
accessLog.filters.statusCodes                        e2e access_log::a_filter_drops_what_does_not_match
accessLog.format                                     e2e access_log::the_json_format_tells_fields_and_kept_headers
configFile                                           e2e static_options::a_file_of_options_is_named_on_the_command_line
core.defaultRuleSyntax                               e2e static_options::rules_are_read_in_the_syntax_that_is_set
engine                                               e2e static_options::engine_and_shards_are_as_asked
ep                                                   e2e static_options::an_entry_point_without_more_serves
ep.address                                           e2e static_options::an_entry_point_without_more_serves
ep.asDefault                                         e2e static_options::routers_go_to_the_default_entry_points
ep.forwardedHeaders.connection                       e2e static_options::connection_hides_from_routing_all_but_what_the_operator_lists
ep.forwardedHeaders.insecure                         e2e forwarded::all_are_trusted_where_the_operator_says_insecure
ep.forwardedHeaders.notAppendXForwardedFor           e2e static_options::the_clients_address_may_be_left_out
ep.forwardedHeaders.trustedIPs                       e2e forwarded::what_a_trusted_proxy_says_is_kept_and_continued
ep.http                                              e2e static_options::middlewares_of_an_entry_point_stand_before_all_routers
ep.http.encodedCharacters.allowEncodedBackSlash      e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedHash           e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedNullCharacter  e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedPercent        e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedQuestionMark   e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedSemicolon      e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodedCharacters.allowEncodedSlash          e2e paths::encoded_characters_that_are_denied_reach_no_server
ep.http.encodeQuerySemicolons                        e2e paths::semicolons_in_a_query_become_what_the_entry_point_says
ep.http.maxHeaderBytes                               e2e headers::a_head_beyond_its_bounds_reaches_no_server
ep.http.middlewares                                  e2e static_options::middlewares_of_an_entry_point_stand_before_all_routers
ep.http.redirections.entryPoint.permanent            e2e static_options::an_entry_point_redirects_to_another
ep.http.redirections.entryPoint.priority             e2e static_options::an_entry_point_redirects_to_another
ep.http.redirections.entryPoint.scheme               e2e static_options::an_entry_point_redirects_to_another
ep.http.redirections.entryPoint.to                   e2e static_options::an_entry_point_redirects_to_another
ep.http.sanitizePath                                 e2e paths::an_unsanitised_path_reaches_the_server_as_it_is_matched
ep.http.underscoreHeadersStrategy                    e2e headers::names_with_underscores_follow_the_entry_points_strategy
ep.observability.accessLogs                          e2e static_options::an_entry_point_may_keep_out_of_the_access_log
ep.proxyProtocol                                     e2e forwarded::a_trusted_proxy_tells_the_clients_address_by_the_proxy_protocol
ep.proxyProtocol.insecure                            e2e static_options::the_proxy_header_of_everyone_is_believed_when_asked
ep.proxyProtocol.trustedIPs                          e2e forwarded::the_proxy_protocol_of_a_stranger_changes_nothing
ep.reusePort                                         e2e static_options::a_port_is_shared_only_when_asked
ep.transport.keepAliveMaxRequests                    e2e keep_alive::a_connection_ends_after_so_many_requests
ep.transport.keepAliveMaxTime                        e2e keep_alive::a_connection_ends_after_so_much_time
ep.transport.lifeCycle.graceTimeOut                  e2e operate::a_drain_ends_at_its_grace_time
ep.transport.lifeCycle.requestAcceptGraceTimeout     e2e operate::ping_says_ok_and_says_when_it_ends
ep.transport.respondingTimeouts.idleTimeout          e2e deadlines::an_idle_connection_ends_at_the_idle_timeout
ep.transport.respondingTimeouts.readTimeout          e2e deadlines::a_slow_head_ends_at_the_read_timeout
ep.transport.respondingTimeouts.writeTimeout         e2e deadlines::a_client_that_does_not_read_ends_at_the_write_timeout
global.notAppendXForwardedFor                        e2e static_options::the_clients_address_may_be_left_out
log                                                  e2e static_options::the_log_has_its_file_its_shape_and_its_level
log.filePath                                         e2e static_options::the_log_has_its_file_its_shape_and_its_level
log.format                                           e2e static_options::the_log_has_its_file_its_shape_and_its_level
log.level                                            e2e static_options::the_log_has_its_file_its_shape_and_its_level
log.maxAge                                           unit a_full_file_is_put_aside_and_only_so_many_are_kept
log.maxBackups                                       unit a_full_file_is_put_aside_and_only_so_many_are_kept
log.maxSize                                          unit a_full_file_is_put_aside_and_only_so_many_are_kept
log.noColor                                          unit colours_do_not_change_the_words
ping                                                 e2e static_options::ping_answers_where_it_is_told
ping.entryPoint                                      e2e static_options::ping_answers_where_it_is_told
ping.manualRouting                                   e2e operate::ping_says_ok_and_says_when_it_ends
ping.terminatingStatusCode                           e2e static_options::ping_answers_where_it_is_told
providers.file.debugLogGeneratedTemplate             e2e static_options::a_folder_is_served_and_its_templates_are_logged
providers.file.directory                             e2e static_options::a_folder_is_served_and_its_templates_are_logged
providers.file.filename                              e2e reload::a_change_serves_soon_and_on_open_connections
providers.file.watch                                 e2e static_options::a_file_is_left_alone_when_nobody_is_to_watch_it
providers.precedence                                 unit the_order_is_priority_then_provider_then_name
providers.providersThrottleDuration                  e2e static_options::changes_wait_for_the_throttle
providers.kubernetesCRD                              kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.allowCrossNamespace          kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.allowEmptyServices           kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.allowExternalNameServices    kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.certAuthFilePath             cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
providers.kubernetesCRD.crossProviderNamespaces      kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.disableClusterScopeResources kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.endpoint                     cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
providers.kubernetesCRD.ingressClass                 kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.labelSelector                kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.namespaces                   kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.nativeLBByDefault            kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesCRD.throttleDuration             cluster providers::changes_wait_for_the_throttle
providers.kubernetesCRD.token                        cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
providers.kubernetesIngress                          kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.allowEmptyServices       kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.allowExternalNameServices kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.certAuthFilePath         cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
providers.kubernetesIngress.crossProviderNamespaces  kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.disableClusterScopeResources kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.disableIngressClassLookup kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.endpoint                 cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
providers.kubernetesIngress.ingressClass             kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.ingressEndpoint.hostname lib status::what_is_published_is_what_the_service_has
providers.kubernetesIngress.ingressEndpoint.ip       cluster providers::an_ingress_is_served_and_its_status_written
providers.kubernetesIngress.ingressEndpoint.publishedService lib status::what_is_published_is_what_the_service_has
providers.kubernetesIngress.labelSelector            kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.namespaces               kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.nativeLBByDefault        kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.reportNodeInternalIPs    lib status::what_is_published_is_what_the_service_has
providers.kubernetesIngress.strictPrefixMatching     kubernetes kubernetes::manifests_become_what_stands_beside_them
providers.kubernetesIngress.throttleDuration         cluster providers::changes_wait_for_the_throttle
providers.kubernetesIngress.token                    cluster providers::a_right_that_is_missing_is_named_and_noticed_when_it_comes
serversTransport.forwardingTimeouts.dialTimeout      e2e static_options::the_default_transport_has_its_patience
serversTransport.forwardingTimeouts.idleConnTimeout  e2e static_options::idle_connections_to_servers_are_few_and_end
serversTransport.forwardingTimeouts.responseHeaderTimeout e2e static_options::the_default_transport_has_its_patience
serversTransport.maxIdleConnsPerHost                 e2e static_options::idle_connections_to_servers_are_few_and_end
shards                                               e2e static_options::engine_and_shards_are_as_asked
";

/// Served and without an effect by their nature; the help of each begins so.
const ACCEPTED: &str = "Accepted:";

#[test]
fn every_option_that_is_served_names_the_test_of_its_effect() {
    let tests = all_tests();
    let mut shown = BTreeSet::new();
    for line in SHOWN.lines().filter(|line| !line.is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        let option = match words[0].strip_prefix("ep") {
            Some(rest) if rest.is_empty() || rest.starts_with('.') => {
                format!("entryPoints.*{rest}")
            }
            _ => words[0].to_owned(),
        };
        let test = words[2].rsplit("::").next().unwrap();
        assert!(tests.contains(test), "{option}: there is no test {test}");
        assert!(shown.insert(option.clone()), "{option} stands there twice");
    }
    let served = table::sorted()
        .into_iter()
        .filter(|spec| spec.state == State::Served && !spec.help.starts_with(ACCEPTED));
    let served: BTreeSet<_> = served.map(|spec| spec.path.to_owned()).collect();
    let missing: Vec<_> = served.difference(&shown).collect();
    assert!(
        missing.is_empty(),
        "served, and tried by no test: {missing:#?}"
    );
    let surplus: Vec<_> = shown.difference(&served).collect();
    assert!(surplus.is_empty(), "not served by this name: {surplus:#?}");
}

// ---- what the tests stand on ----

/// The program with files of its own; `{web}` and `{other}` in them are addresses.
struct Bare {
    process: Process,
    web: SocketAddr,
    other: SocketAddr,
}

impl Bare {
    fn start(files: &[(&str, &str)], flags: &[&str]) -> Self {
        let (web, other) = (free_address(), free_address());
        let folder = Folder::new();
        for (name, text) in files {
            let text = text
                .replace("{web}", &web.to_string())
                .replace("{other}", &other.to_string())
                .replace("{otherport}", &other.port().to_string());
            folder.write(name, &text);
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringway"));
        command.args(flags);
        let process = Process::start(command, folder);
        Self {
            process,
            web,
            other,
        }
    }

    /// The status that a path gets, once somebody listens.
    fn status(at: SocketAddr, path: &str) -> Option<u16> {
        std::net::TcpStream::connect(at).ok()?;
        Some(Client::connect(at).get(path).status)
    }

    fn wait_for_status(at: SocketAddr, path: &str, status: u16) {
        wait_for(&format!("{status} from {path}"), || {
            (Self::status(at, path) == Some(status)).then_some(())
        });
    }
}

const FILE: &str = "--configFile=static.yml";

/// A dynamic file with one router for everything.
fn to(server: &Server) -> String {
    format!(
        "http:\n  routers:\n    r: {{rule: \"PathPrefix(`/`)\", service: s}}\n  services:\n    \
         s: {{loadBalancer: {{servers: [{{url: \"http://{}\"}}]}}}}\n",
        server.address()
    )
}

fn line_with(router: &Router, file: &str, mark: &str) -> String {
    wait_for("a line of the log", || {
        let text = router.folder().read(file);
        let line = text.lines().find(|line| line.contains(mark))?;
        text.ends_with('\n').then(|| line.to_owned())
    })
}

// ---- entry points ----

#[test]
fn an_entry_point_without_more_serves() {
    let server = Server::ok();
    let statics = "entryPoints: {web: {address: \"{web}\"}, own: {address: \"{other}/tcp\"}}\n\
                   providers: {file: {filename: dynamic.yml}}\n";
    let files = [("static.yml", statics), ("dynamic.yml", &to(&server))];
    let bare = Bare::start(&files, &[FILE]);
    for address in [bare.web, bare.other] {
        Bare::wait_for_status(address, "/", 200);
    }
}

#[test]
fn a_file_of_options_is_named_on_the_command_line() {
    let server = Server::ok();
    let statics = "entryPoints: {web: {address: \"{web}\"}}\n\
                   providers: {file: {filename: dynamic.yml}}\n";
    let files = [("named.yml", statics), ("dynamic.yml", &to(&server))];
    for flag in ["--configFile=named.yml", "--configfile=named.yml"] {
        let bare = Bare::start(&files, &[flag]);
        Bare::wait_for_status(bare.web, "/", 200);
    }
}

#[test]
fn routers_go_to_the_default_entry_points() {
    let server = Server::ok();
    let statics = "entryPoints:\n  web: {address: \"{web}\"}\n  \
                   own: {address: \"{other}\", asDefault: true}\n\
                   providers: {file: {filename: dynamic.yml}}\n";
    let files = [("static.yml", statics), ("dynamic.yml", &to(&server))];
    let bare = Bare::start(&files, &[FILE]);
    Bare::wait_for_status(bare.other, "/", 200);
    assert_eq!(Bare::status(bare.web, "/"), Some(404));
}

#[test]
fn connection_hides_from_routing_all_but_what_the_operator_lists() {
    let server = Server::ok();
    let lines = "Connection: X-Forwarded-For, X-Own\r\nX-Own: kept\r\nContent-Length: 0";
    for (options, status) in [("{}", 404), ("{connection: [x-own]}", 200)] {
        let router = Site::new()
            .service("s", &[server.address()])
            .router("r", "Header(`X-Own`, `kept`)", "s", "")
            .entry(&format!("forwardedHeaders: {options}"))
            .start();
        assert_eq!(router.ask(with_lines(lines, "")).status, status);
    }
    // It is about this connection all the same: no server sees it.
    let request = server.hears_request();
    assert!(!request.contains("X-Own"), "{request}");
    assert!(request.contains("X-Forwarded-For: 127.0.0.1"), "{request}");
}

#[test]
fn the_clients_address_may_be_left_out() {
    let server = Server::ok();
    let insecure = "forwardedHeaders: {insecure: true}";
    let sites = [
        (
            Site::to(server.address()).entry(insecure),
            "1.2.3.4, 127.0.0.1",
        ),
        (
            Site::to(server.address())
                .entry("forwardedHeaders: {insecure: true, notAppendXForwardedFor: true}"),
            "1.2.3.4",
        ),
        (
            Site::to(server.address())
                .entry(insecure)
                .top("global: {notAppendXForwardedFor: true}"),
            "1.2.3.4",
        ),
    ];
    for (site, expected) in sites {
        let router = site.start();
        let lines = "X-Forwarded-For: 1.2.3.4\r\nContent-Length: 0";
        assert_eq!(router.ask(with_lines(lines, "")).status, 200);
        let request = server.hears_request();
        let line = format!("X-Forwarded-For: {expected}\r\n");
        assert!(request.contains(&line), "{request}");
    }
}

#[test]
fn middlewares_of_an_entry_point_stand_before_all_routers() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("http: {middlewares: [front@file]}")
        .middleware(
            "front",
            "headers: {customRequestHeaders: {X-Front: was here}}",
        )
        .start();
    assert_eq!(router.get("/").status, 200);
    let request = server.hears_request();
    assert!(request.contains("X-Front: was here"), "{request}");
}

#[test]
fn an_entry_point_redirects_to_another() {
    let server = Server::ok();
    let options = [
        ("to: own", 301, "https://test:{otherport}/a?b=c"),
        (
            "to: own, scheme: http, permanent: false",
            302,
            "http://test:{otherport}/a?b=c",
        ),
        (
            "to: \":8443\", permanent: true",
            301,
            "https://test:8443/a?b=c",
        ),
        // A router of the user's with a higher priority comes first.
        ("to: own, priority: 1", 200, ""),
    ];
    for (option, status, location) in options {
        let statics = format!(
            "entryPoints:\n  web:\n    address: \"{{web}}\"\n    \
             http: {{redirections: {{entryPoint: {{{option}}}}}}}\n  own: {{address: \"{{other}}\"}}\n\
             providers: {{file: {{filename: dynamic.yml}}}}\n"
        );
        let files = [
            ("static.yml", statics.as_str()),
            ("dynamic.yml", &to(&server)),
        ];
        let bare = Bare::start(&files, &[FILE]);
        Bare::wait_for_status(bare.other, "/", 200);
        let answer = Client::connect(bare.web).get("/a?b=c");
        assert_eq!(answer.status, status, "{option}");
        let location = location.replace("{otherport}", &bare.other.port().to_string());
        assert_eq!(
            answer.header("Location").unwrap_or_default(),
            location,
            "{option}"
        );
    }
}

#[test]
fn an_entry_point_may_keep_out_of_the_access_log() {
    let server = Server::ok();
    let log = "accessLog: {filePath: access.log}";
    for (options, is_logged) in [("true", true), ("false", false)] {
        let router = Site::to(server.address())
            .top(log)
            .entry(&format!("observability: {{accessLogs: {options}}}"))
            .router(
                "spoken",
                "Path(`/spoken`)",
                "s",
                "priority: 100\nobservability: {accessLogs: true}",
            )
            .start();
        assert_eq!(router.get("/of-the-entry-point").status, 200);
        assert_eq!(router.get("/spoken").status, 200);
        line_with(&router, "access.log", "/spoken");
        let text = router.folder().read("access.log");
        assert_eq!(text.contains("/of-the-entry-point"), is_logged, "{text}");
    }
}

#[test]
fn the_proxy_header_of_everyone_is_believed_when_asked() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("proxyProtocol: {insecure: true}")
        .start();
    let mut client = router.connect();
    client.send("PROXY TCP4 192.0.2.7 192.0.2.8 4000 80\r\n");
    assert_eq!(client.get("/").status, 200);
    let request = server.hears_request();
    assert!(
        request.contains("X-Forwarded-For: 192.0.2.7\r\n"),
        "{request}"
    );
}

#[test]
fn a_port_is_shared_only_when_asked() {
    let server = Server::ok();
    for (options, is_shared) in [("true", true), ("false", false)] {
        let site = Site::to(server.address()).entry(&format!("reusePort: {options}"));
        let first = site.clone().start();
        let mut second = site.start_at(first.web());
        if is_shared {
            pause(500);
            assert!(second.has_ended().is_none(), "{}", second.output());
        } else {
            assert!(!second.wait().success());
            let output = second.output();
            assert!(output.contains(&first.web().to_string()), "{output}");
        }
        assert_eq!(first.get("/").status, 200);
    }
}

// ---- ping ----

#[test]
fn ping_answers_where_it_is_told() {
    let statics = "entryPoints:\n  web:\n    address: \"{web}\"\n    \
                   transport: {lifeCycle: {requestAcceptGraceTimeout: 5s}}\n  \
                   own: {address: \"{other}\"}\n\
                   ping: {entryPoint: web, terminatingStatusCode: 204}\n";
    let bare = Bare::start(&[("static.yml", statics)], &[FILE]);
    Bare::wait_for_status(bare.web, "/ping", 200);
    assert_eq!(Bare::status(bare.other, "/ping"), Some(404));
    bare.process.signal("TERM");
    Bare::wait_for_status(bare.web, "/ping", 204);
    // Without a word on it: the entry point `traefik`.
    let statics = "entryPoints: {traefik: {address: \"{web}\"}}\nping: {}\n";
    let bare = Bare::start(&[("static.yml", statics)], &[FILE]);
    Bare::wait_for_status(bare.web, "/ping", 200);
}

// ---- engine ----

#[test]
fn engine_and_shards_are_as_asked() {
    for (engine, shards) in [("epoll", 1), ("auto", 3)] {
        let statics = format!(
            "engine: {engine}\nshards: {shards}\nlog: {{level: INFO}}\n\
             entryPoints: {{web: {{address: \"{{web}}\"}}}}\n"
        );
        let bare = Bare::start(&[("static.yml", &statics)], &[FILE]);
        Bare::wait_for_status(bare.web, "/", 404);
        let output = bare.process.output();
        let line = output.lines().find(|line| line.contains("Engine chosen"));
        let line = line.unwrap_or_default();
        assert!(line.contains(&format!("({shards} shards)")), "{output}");
        assert!(engine == "auto" || line.contains(engine), "{output}");
        let tasks = format!("/proc/{}/task", bare.process.id());
        wait_for("the threads to have their names", || {
            let names = std::fs::read_dir(&tasks).unwrap().map(|task| {
                std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default()
            });
            (names.filter(|name| name.starts_with("shard-")).count() == shards).then_some(())
        });
    }
}

// ---- logs ----

#[test]
fn the_log_has_its_file_its_shape_and_its_level() {
    let server = Server::ok();
    let table = [
        (
            "level: DEBUG, format: json, filePath: own.log",
            "{\"level\":\"debug\"",
            true,
        ),
        ("level: INFO, filePath: own.log", " INF ", false),
    ];
    for (options, start, has_debug) in table {
        let router = Site::to(server.address())
            .router("none", "Path(`/none`)", "empty", "priority: 100")
            .service("empty", &[])
            .top(&format!("log: {{{options}}}"))
            .start();
        assert_eq!(router.get("/none").status, 503);
        let text = wait_for("a log", || {
            let text = router.folder().read("own.log");
            (text.contains("Listening") && (!has_debug || text.contains("503"))).then_some(text)
        });
        assert!(text.contains(start), "{text}");
        assert_eq!(text.contains("could not be forwarded"), has_debug, "{text}");
    }
}

#[test]
fn internal_services_are_logged_when_asked() {
    let server = Server::ok();
    for (option, is_logged) in [("true", true), ("false", false)] {
        let router = Site::to(server.address())
            .top(&format!(
                "accessLog: {{filePath: access.log, addInternals: {option}}}"
            ))
            .router("ping", "Path(`/ping`)", "ping@internal", "priority: 1000")
            .start();
        assert_eq!(router.get("/ping").status, 200);
        assert_eq!(router.get("/marked").status, 200);
        line_with(&router, "access.log", "/marked");
        let text = router.folder().read("access.log");
        assert_eq!(text.contains("/ping"), is_logged, "{text}");
    }
}

#[test]
fn fields_of_the_access_log_are_chosen() {
    let server = Server::ok();
    let options = "accessLog:\n  filePath: access.log\n  format: json\n  fields:\n    \
                   defaultMode: drop\n    names: {RequestPath: keep, DownstreamStatus: keep}\n    \
                   queryParameters: {defaultMode: drop}";
    let router = Site::to(server.address()).top(options).start();
    assert_eq!(router.get("/marked?secret=1").status, 200);
    let line = line_with(&router, "access.log", "/marked");
    assert!(line.contains("\"RequestPath\":\"/marked\""), "{line}");
    assert!(line.contains("\"DownstreamStatus\":200"), "{line}");
    for left_out in ["secret", "ClientHost", "RequestMethod", "ServiceURL"] {
        assert!(!line.contains(left_out), "{line}");
    }
}

#[test]
fn slow_and_repeated_requests_pass_their_filters() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            if request.contains("/slow") {
                pause(400);
            }
            if request.contains("/broken") {
                return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let filters = ["minDuration: 300ms", "retryAttempts: true"];
    for (filter, mark) in filters.into_iter().zip(["/slow", "/refused"]) {
        let router = Site::to(server.address())
            .service("gone", &[free_address()])
            .router("gone", "Path(`/refused`)", "gone", "middlewares: [again]")
            .middleware("again", "retry: {attempts: 3, initialInterval: 1ms}")
            .top(&format!(
                "accessLog: {{filePath: access.log, filters: {{{filter}}}}}"
            ))
            .start();
        assert_eq!(router.get("/quick").status, 200);
        assert_eq!(router.get("/refused").status, 502);
        assert_eq!(router.get("/slow").status, 200);
        line_with(&router, "access.log", mark);
        let text = router.folder().read("access.log");
        assert!(!text.contains("/quick"), "{text}");
    }
}

// ---- routing ----

#[test]
fn rules_are_read_in_the_syntax_that_is_set() {
    let server = Server::ok();
    for (syntax, status) in [("v2", 200), ("v3", 404)] {
        let router = Site::new()
            .service("s", &[server.address()])
            .router("old", "Path(`/one`, `/two`)", "s", "")
            .top(&format!("core: {{defaultRuleSyntax: {syntax}}}"))
            .start();
        assert_eq!(router.get("/two").status, status, "{syntax}");
    }
}

// ---- providers ----

#[test]
fn a_folder_is_served_and_its_templates_are_logged() {
    let server = Server::ok();
    let template = to(&server).replace("PathPrefix(`/`)", "Path(`/{{ upper \"filled\" }}`)");
    for (option, is_logged) in [("true", true), ("false", false)] {
        let statics = format!(
            "entryPoints: {{web: {{address: \"{{web}}\"}}}}\nlog: {{level: DEBUG}}\n\
             providers: {{file: {{directory: ., debugLogGeneratedTemplate: {option}}}}}\n"
        );
        // The folder holds dynamic files alone.
        let elsewhere = Folder::new();
        let web = free_address();
        let path = elsewhere.write("static.yml", &statics.replace("{web}", &web.to_string()));
        let flag = format!("--configFile={}", path.display());
        let bare = Bare::start(&[("routes.yml", template.as_str())], &[&flag]);
        Bare::wait_for_status(web, "/FILLED", 200);
        let output = bare.process.output();
        assert_eq!(output.contains("Path(`/FILLED`)"), is_logged, "{output}");
    }
}

#[test]
fn a_file_is_left_alone_when_nobody_is_to_watch_it() {
    let server = Server::ok();
    for (option, is_seen) in [("true", true), ("false", false)] {
        let statics = format!(
            "entryPoints: {{web: {{address: \"{{web}}\"}}}}\n\
             providers: {{providersThrottleDuration: 10ms, file: {{filename: dynamic.yml, \
             watch: {option}}}}}\n"
        );
        let files = [
            ("static.yml", statics.as_str()),
            ("dynamic.yml", &to(&server)),
        ];
        let bare = Bare::start(&files, &[FILE]);
        Bare::wait_for_status(bare.web, "/", 200);
        let changed = to(&server).replace("PathPrefix(`/`)", "Path(`/new`)");
        bare.process.folder().write("dynamic.yml", &changed);
        if is_seen {
            Bare::wait_for_status(bare.web, "/", 404);
        } else {
            pause(700);
            assert_eq!(Bare::status(bare.web, "/"), Some(200));
        }
    }
}

#[test]
fn changes_wait_for_the_throttle() {
    let server = Server::ok();
    let statics = "entryPoints: {web: {address: \"{web}\"}}\n\
                   providers: {providersThrottleDuration: 1h, file: {filename: dynamic.yml}}\n";
    let files = [("static.yml", statics), ("dynamic.yml", &to(&server))];
    let bare = Bare::start(&files, &[FILE]);
    // The first goes to work at once.
    Bare::wait_for_status(bare.web, "/", 200);
    let changed = to(&server).replace("PathPrefix(`/`)", "Path(`/new`)");
    bare.process.folder().write("dynamic.yml", &changed);
    pause(700);
    assert_eq!(Bare::status(bare.web, "/"), Some(200));
}

// ---- servers ----

#[test]
fn the_default_transport_has_its_patience() {
    let silent = Server::start(|peer| {
        peer.head();
        peer.wait_for_end();
    });
    // Nobody takes a connection there: its queue is full.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let full = listener.local_addr().unwrap();
    let brief = std::time::Duration::from_millis(20);
    let waiting: Vec<_> = (0..5000)
        .map_while(|_| std::net::TcpStream::connect_timeout(&full, brief).ok())
        .collect();
    let router = Site::to(silent.address())
        .service("full", &[full])
        .router("full", "Path(`/full`)", "full", "")
        .top(
            "serversTransport: {forwardingTimeouts: {dialTimeout: 200ms, \
             responseHeaderTimeout: 200ms}}",
        )
        .start();
    assert_eq!(router.get("/silent").status, 504);
    assert_eq!(router.get("/full").status, 504);
    drop(waiting);
}

#[test]
fn idle_connections_to_servers_are_few_and_end() {
    let ended = || {
        Server::start(|peer| {
            while let Some(request) = peer.request() {
                if request.contains("/two-at-a-time") {
                    pause(300);
                }
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
            peer.say("ended");
        })
    };
    let server = ended();
    let options = "serversTransport: {forwardingTimeouts: {idleConnTimeout: 300ms}}";
    let router = Site::to(server.address()).top(options).start();
    assert_eq!(router.get("/").status, 200);
    wait_for("the idle connection to end", || {
        let heard = format!("{:?}", server.heard());
        heard.contains("ended").then_some(())
    });
    let server = ended();
    let router = Site::to(server.address())
        .top("shards: 1\nserversTransport: {maxIdleConnsPerHost: 1}")
        .start();
    let request = "GET /two-at-a-time HTTP/1.1\r\nHost: test\r\n\r\n";
    let mut clients = [router.connect(), router.connect()];
    for client in &mut clients {
        client.send(request);
    }
    for client in &mut clients {
        assert_eq!(client.answer().status, 200);
    }
    wait_for("the connection too many to end", || {
        let heard = format!("{:?}", server.heard());
        heard.contains("ended").then_some(())
    });
    pause(200);
    let heard = format!("{:?}", server.heard());
    assert!(!heard.contains("ended"), "one may stay: {heard}");
}

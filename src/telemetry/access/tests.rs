use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

use super::writer::Text;
use super::*;
use crate::base::limits::ACCESS_BATCH_MS;
use crate::engine::{self, Choice, ShardOptions};

const START: u64 = 1_704_207_845_123_000_000;

fn facts() -> Facts<'static> {
    Facts {
        start_unix_nanos: START,
        duration: Duration::from_micros(12_345),
        origin_duration: Some(Duration::from_micros(12_000)),
        origin_status: 200,
        origin_bytes: 100,
        downstream_status: 200,
        downstream_bytes: 42,
        request_bytes: 7,
        retries: 0,
        client: SocketAddr::from(([10, 0, 0, 1], 4711)),
        client_username: b"",
        method: b"GET",
        path: b"/a?b=c",
        protocol: Protocol::Http11,
        scheme: Scheme::Http,
        request_host: b"example.org:8000",
        entry_point: "web",
        router: "r@file",
        service: "s@file",
        service_url: "http://10.0.0.2:80",
        service_addr: "10.0.0.2:80",
        tls: None,
        trace: None,
        kubernetes: None,
    }
}

fn refused() -> Facts<'static> {
    Facts {
        origin_duration: None,
        origin_status: 0,
        origin_bytes: 0,
        downstream_status: 404,
        downstream_bytes: 19,
        router: "",
        service: "",
        service_url: "",
        service_addr: "",
        ..facts()
    }
}

fn format(format: Format) -> Options {
    Options {
        format,
        ..Options::default()
    }
}

fn keeping_headers(mut options: Options) -> Options {
    options.fields.headers.default_mode = Mode::Keep;
    options
}

fn line(options: &Options, facts: &Facts<'_>, headers: &[Header<'_>]) -> String {
    let plan = Arc::new(AccessPlan::new(options));
    let mut notes = Notes::new();
    for (side, name, value) in headers {
        notes.take(&plan, *side, std::iter::once((*name, *value)));
    }
    let mut batch = Vec::new();
    record::put(&mut batch, &plan, 3, facts, &notes);
    let mut out = Vec::new();
    Text::new(plan).append(&mut out, 0, &batch);
    let text = String::from_utf8(out).unwrap();
    text.strip_suffix('\n').unwrap().to_owned()
}

fn json(options: &Options, facts: &Facts<'_>, headers: &[Header<'_>]) -> Value {
    serde_json::from_str(&line(options, facts, headers)).unwrap()
}

type Header<'text> = (Side, &'text [u8], &'text [u8]);

const USER_AGENT: Header<'_> = (Side::Request, b"user-agent", b"curl/8");

#[test]
fn the_common_format_is_traefiks() {
    let options = format(Format::Common);
    let user = Facts {
        client_username: b"bob",
        ..facts()
    };
    let kept = keeping_headers(options.clone());
    let table = [
        (
            line(&options, &facts(), &[USER_AGENT]),
            "10.0.0.1 - - [02/Jan/2024:15:04:05 +0000] \"GET /a?b=c HTTP/1.1\" 200 42 \"-\" \"-\" \
             3 \"r@file\" \"http://10.0.0.2:80\" 12ms",
        ),
        (
            line(&options, &refused(), &[]),
            "10.0.0.1 - - [02/Jan/2024:15:04:05 +0000] \"GET /a?b=c HTTP/1.1\" 404 19 \"-\" \"-\" \
             3 \"-\" \"-\" 12ms",
        ),
        (
            line(&kept, &user, &[USER_AGENT]),
            "10.0.0.1 - bob [02/Jan/2024:15:04:05 +0000] \"GET /a?b=c HTTP/1.1\" 200 42 \"-\" \
             \"curl/8\" 3 \"r@file\" \"http://10.0.0.2:80\" 12ms",
        ),
        (
            line(&format(Format::GenericClf), &facts(), &[USER_AGENT]),
            "10.0.0.1 - - [02/Jan/2024:15:04:05 +0000] \"GET /a?b=c HTTP/1.1\" 200 42 \"-\" \"-\"",
        ),
    ];
    for (line, wanted) in table {
        assert_eq!(line, wanted);
    }
}

#[test]
fn the_json_format_has_traefiks_keys_in_their_order() {
    let options = keeping_headers(format(Format::Json));
    let headers: [Header<'_>; 4] = [
        USER_AGENT,
        (Side::Request, b"ACCEPT", b"a"),
        (Side::Origin, b"content-type", b"text/plain"),
        (Side::Request, b"accept", b"b"),
    ];
    let line = line(&options, &facts(), &headers);
    let wanted = "{\"ClientAddr\":\"10.0.0.1:4711\",\"ClientHost\":\"10.0.0.1\",\
        \"ClientPort\":\"4711\",\"ClientUsername\":\"-\",\"DownstreamContentSize\":42,\
        \"DownstreamStatus\":200,\"Duration\":12345000,\"GzipRatio\":2.38,\
        \"OriginContentSize\":100,\"OriginDuration\":12000000,\"OriginStatus\":200,\
        \"Overhead\":345000,\"RequestAddr\":\"example.org:8000\",\"RequestContentSize\":7,\
        \"RequestCount\":3,\"RequestHost\":\"example.org\",\"RequestMethod\":\"GET\",\
        \"RequestPath\":\"/a?b=c\",\"RequestPort\":\"8000\",\"RequestProtocol\":\"HTTP/1.1\",\
        \"RequestScheme\":\"http\",\"RetryAttempts\":0,\"RouterName\":\"r@file\",\
        \"ServiceAddr\":\"10.0.0.2:80\",\"ServiceName\":\"s@file\",\
        \"ServiceURL\":\"http://10.0.0.2:80\",\"StartLocal\":\"2024-01-02T15:04:05.123Z\",\
        \"StartUTC\":\"2024-01-02T15:04:05.123Z\",\"entryPointName\":\"web\",\
        \"origin_Content-Type\":\"text/plain\",\"request_User-Agent\":\"curl/8\",\
        \"request_Accept\":\"a,b\",\"level\":\"info\",\"msg\":\"\",\
        \"time\":\"2024-01-02T15:04:05Z\"}";
    assert_eq!(line, wanted);
}

#[test]
fn what_a_request_never_had_is_empty_or_zero() {
    let value = json(&format(Format::Json), &refused(), &[]);
    assert_eq!(value["OriginStatus"], 0);
    assert_eq!(value["GzipRatio"], 0);
    for name in ["RouterName", "ServiceURL", "TLSVersion", "TraceId"] {
        assert_eq!(value.get(name), None, "{name}");
    }
}

#[test]
fn dropped_fields_leave_no_trace_and_kept_ones_stay() {
    let mut options = format(Format::Json);
    options.fields.default_mode = Mode::Drop;
    options.fields.names = vec![
        ("requesthost".into(), Mode::Keep),
        ("RequestMethod".into(), Mode::Keep),
        ("Nonsense".into(), Mode::Keep),
    ];
    let value = json(&options, &facts(), &[]);
    let keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        ["RequestHost", "RequestMethod", "level", "msg", "time"]
    );
    assert_eq!(value["RequestHost"], "example.org");
    assert_eq!(AccessPlan::new(&options).unknown_names(), ["Nonsense"]);

    options.format = Format::Common;
    assert_eq!(
        line(&options, &facts(), &[]),
        "- - - [-] \"GET - -\" - - \"-\" \"-\" - \"-\" \"-\" 0ms"
    );
    options.fields.default_mode = Mode::Keep;
    options.fields.names = vec![("StartUTC".into(), Mode::Drop)];
    assert!(line(&options, &facts(), &[]).contains("[02/Jan/2024:15:04:05 +0000]"));
}

#[test]
fn a_redacted_header_keeps_its_name_alone() {
    let mut options = format(Format::Json);
    options.fields.headers.names = vec![
        ("authorization".into(), Mode::Redact),
        ("User-Agent".into(), Mode::Keep),
    ];
    let headers: [Header<'_>; 3] = [
        (Side::Request, b"Authorization", b"Basic c2VjcmV0"),
        (Side::Request, b"Cookie", b"secret"),
        USER_AGENT,
    ];
    let value = json(&options, &facts(), &headers);
    assert_eq!(value["request_Authorization"], "REDACTED");
    assert_eq!(value["request_User-Agent"], "curl/8");
    assert_eq!(value.get("request_Cookie"), None);

    options.format = Format::Common;
    options.fields.headers.names = vec![("User-Agent".into(), Mode::Redact)];
    assert!(line(&options, &facts(), &headers).contains("\"-\" \"REDACTED\""));
    let plan = AccessPlan::new(&options);
    assert!(!plan.wants(Side::Origin) && !plan.wants(Side::Downstream));
}

#[test]
fn a_dropped_query_is_cut_off_the_path() {
    let mut options = format(Format::Json);
    options.fields.query_parameters = Mode::Drop;
    let value = json(&options, &facts(), &[]);
    assert_eq!(value["RequestPath"], "/a");
}

#[test]
fn any_filter_that_holds_keeps_a_request() {
    let filters = |codes: &[&str], retry_attempts, millis| Filters {
        status_codes: codes.iter().map(|code| code.parse().unwrap()).collect(),
        retry_attempts,
        min_duration: Duration::from_millis(millis),
    };
    let table = [
        (filters(&[], false, 0), 200, 0, 0, true),
        (filters(&["200", "300-302"], false, 0), 200, 0, 0, true),
        (filters(&["200", "300-302"], false, 0), 302, 0, 0, true),
        (filters(&["200", "300-302"], false, 0), 303, 9, 9, false),
        (filters(&["500-599"], true, 0), 200, 1, 0, true),
        (filters(&["500-599"], true, 0), 200, 0, 0, false),
        (filters(&[], false, 10), 200, 1, 10, false),
        (filters(&[], false, 10), 200, 0, 11, true),
    ];
    for (filters, status, retries, millis, wanted) in table {
        let options = Options {
            filters: filters.clone(),
            ..Options::default()
        };
        let kept =
            AccessPlan::new(&options).filters_keep(status, retries, Duration::from_millis(millis));
        assert_eq!(kept, wanted, "{filters:?} {status} {retries} {millis}");
    }
    for text in ["", "x", "300-200", "1-2-3", "70000"] {
        assert_eq!(text.parse::<StatusRange>(), Err(UnknownWord), "{text}");
    }
}

#[test]
fn a_host_gives_its_name_and_its_port() {
    let table = [
        ("example.org", "example.org", "-"),
        ("example.org:", "example.org", "-"),
        ("[::1]:8080", "::1", "8080"),
        ("[::1]", "::1", "-"),
        ("[x]:1", "[x]", "1"),
        ("", "", "-"),
    ];
    for (host, name, port) in table {
        let facts = Facts {
            request_host: host.as_bytes(),
            ..facts()
        };
        let value = json(&format(Format::Json), &facts, &[]);
        assert_eq!(
            (&value["RequestHost"], &value["RequestPort"]),
            (&name.into(), &port.into())
        );
    }
}

#[test]
fn the_count_is_of_all_shards_and_never_goes_back() {
    let plan = Arc::new(AccessPlan::new(&format(Format::Common)));
    let mut text = Text::new(Arc::clone(&plan));
    let mut counts = Vec::new();
    for (sink, own) in [(0, 1), (1, 1), (0, 5), (1, 2), (0, 6)] {
        let mut batch = Vec::new();
        record::put(&mut batch, &plan, own, &facts(), &Notes::new());
        let mut out = Vec::new();
        text.append(&mut out, sink, &batch);
        let line = String::from_utf8(out).unwrap();
        counts.push(line.split(' ').nth(12).unwrap().to_owned());
    }
    assert_eq!(counts, ["1", "2", "6", "7", "8"]);
}

#[test]
fn a_long_value_is_cut_and_the_record_stays_whole() {
    let path = vec![b'a'; 1024 * 1024];
    let facts = Facts {
        path: &path,
        ..facts()
    };
    let long = vec![b'b'; 1024 * 1024];
    let headers = vec![(Side::Request, b"x".as_slice(), long.as_slice()); 100];
    let value = json(&keeping_headers(format(Format::Json)), &facts, &headers);
    assert_eq!(value["RequestPath"].as_str().unwrap().len(), 16 * 1024);
    assert!(value["request_X"].as_str().unwrap().len() <= 64 * 1024);
    assert_eq!(value["ServiceURL"], "http://10.0.0.2:80");
}

fn on_a_shard<F: Future>(root: impl FnOnce() -> F) -> F::Output {
    let options = ShardOptions {
        driver: engine::select(Choice::Epoll).unwrap().driver,
        cpu: None,
        on_panic: None,
        pulse: None,
    };
    engine::run(options, root).unwrap()
}

fn temporary(name: &str) -> PathBuf {
    let unique = format!("ringway-access-{name}-{}", std::process::id());
    std::env::temp_dir().join(unique)
}

#[test]
fn records_travel_to_the_file_and_a_moved_file_is_opened_anew() {
    let path = temporary("file");
    let aside = temporary("aside");
    let options = Options {
        file_path: Some(path.clone()),
        ..Options::default()
    };
    let log = AccessLog::start(&options).unwrap();
    on_a_shard(|| async {
        let sink = log.sink();
        let tell = |times: usize| {
            for _ in 0..times {
                assert!(sink.admit(200, 0, Duration::ZERO));
                sink.record(&facts(), &Notes::new());
            }
        };
        tell(1000);
        sink.flush();
        log.flush();
        fs::rename(&path, &aside).unwrap();
        log.reopen();
        log.flush();
        tell(9);
        // Nobody flushes these but time.
        engine::sleep(Duration::from_millis(3 * ACCESS_BATCH_MS)).await;
        log.flush();
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 9);
        tell(1);
    });
    log.flush();
    let first = fs::read_to_string(&aside).unwrap();
    let second = fs::read_to_string(&path).unwrap();
    assert_eq!((first.lines().count(), second.lines().count()), (1000, 10));
    assert!(second.lines().last().unwrap().contains(" 1010 \"r@file\""));
    fs::remove_file(path).unwrap();
    fs::remove_file(aside).unwrap();
}

/// Splits a line of the common format as a careful reader would: fields end at spaces, except
/// inside quotes and brackets; a backslash in quotes takes the next character with it.
fn fields_of(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut closing = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut().unwrap();
        match (closing, letter) {
            (None, ' ') => fields.push(String::new()),
            (None, '"') if field.is_empty() => closing = Some('"'),
            (None, '[') if field.is_empty() => closing = Some(']'),
            (Some('"'), '\\') => {
                field.push('\\');
                field.extend(letters.next());
            }
            (Some(end), _) if letter == end => closing = None,
            _ => field.push(letter),
        }
    }
    fields
}

proptest! {
    #[test]
    fn no_bytes_of_a_stranger_forge_a_field_or_a_line(
        user in any::<Vec<u8>>(),
        path in any::<Vec<u8>>(),
        host in any::<Vec<u8>>(),
        agent in any::<Vec<u8>>(),
        method in any::<Vec<u8>>(),
    ) {
        let facts = Facts {
            client_username: &user,
            path: &path,
            request_host: &host,
            method: &method,
            ..facts()
        };
        let headers = [(Side::Request, b"User-Agent".as_slice(), agent.as_slice())];
        let common = line(&keeping_headers(format(Format::Common)), &facts, &headers);
        prop_assert!(!common.contains(char::is_control), "{:?}", common);
        let fields = fields_of(&common);
        prop_assert_eq!(fields.len(), 13, "{:?}", fields);
        prop_assert_eq!(fields[4].split(' ').count(), 3, "{:?}", fields);
        prop_assert_eq!(&fields[9..], ["3", "r@file", "http://10.0.0.2:80", "12ms"]);
        let told = line(&keeping_headers(format(Format::Json)), &facts, &headers);
        prop_assert!(!told.contains(char::is_control), "{:?}", told);
        let value: Value = serde_json::from_str(&told).unwrap();
        prop_assert_eq!(&value["RouterName"], "r@file");
        prop_assert_eq!(&value["RequestPath"], &String::from_utf8_lossy(&path).into_owned());
    }
}

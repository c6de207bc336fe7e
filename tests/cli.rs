//! The command line as its users see it. `UPDATE_GOLDEN=1` writes the expected texts anew.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use ringway::check;
use ringway::cli::{self, Command, Exit, Output, Tool};
use ringway::config::statics::{self, Engine};
use ringway::help;

fn parse(line: &str) -> Result<Command, String> {
    let words = line.split_whitespace().map(str::to_owned);
    cli::parse(words, Vec::new()).map_err(|fault| {
        assert_eq!(fault.exit(), Exit::Usage);
        fault.to_string()
    })
}

/// What a command prints that needs no router.
fn printed(line: &str) -> String {
    let Command::Tool(tool) = parse(line).unwrap() else {
        panic!("`{line}` needs a router");
    };
    let mut out = Vec::new();
    assert_eq!(tool.act(&mut out).unwrap(), Exit::Done);
    String::from_utf8(out).unwrap()
}

fn compare(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text,
        expected,
        "{} (UPDATE_GOLDEN=1 writes it anew)",
        path.display()
    );
}

#[test]
fn help_reads_as_written_down() {
    let table = [
        ("help", "main"),
        ("help run", "run"),
        ("help demo", "demo"),
        ("help check", "check"),
        ("help render", "render"),
        ("help healthcheck", "healthcheck"),
        ("help whoami", "whoami"),
        ("help version", "version"),
        ("help completion", "completion"),
        ("help help", "help"),
        ("help options", "options"),
        ("help options accessLog.f", "options-access-log"),
        ("help options entryPoints.web.http3", "options-http3"),
        ("help options nothing", "options-nothing"),
    ];
    for (line, name) in table {
        compare(&format!("tests/golden/help/{name}.txt"), &printed(line));
    }
}

#[test]
fn help_is_found_wherever_one_asks() {
    let table = [
        ("--help", "help"),
        ("-h", "help"),
        ("run --help", "help run"),
        ("--log.level=INFO --help", "help run"),
        ("check -f a.yml -h", "help check"),
        ("help ping", "help options ping"),
    ];
    for (line, same) in table {
        assert_eq!(printed(line), printed(same), "{line}");
    }
}

#[test]
fn the_reference_page_is_the_table() {
    compare("docs/static-options.md", &help::reference_page());
}

#[test]
fn a_line_of_help_fits_a_terminal() {
    let names = [
        "help",
        "help run",
        "help check",
        "help render",
        "help healthcheck",
    ];
    for name in names {
        for line in printed(name).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn commands_read_with_their_arguments() {
    let Command::Run(sources) = parse("--log.level=DEBUG --ping").unwrap() else {
        panic!("not run");
    };
    assert!(statics::load(&sources).unwrap().config.ping.is_some());
    assert!(matches!(parse("").unwrap(), Command::Run(_)));
    assert!(matches!(parse("run --ping").unwrap(), Command::Run(_)));

    let Command::Demo(demo) = parse("demo --port 9000 --engine=EPOLL").unwrap() else {
        panic!("not demo");
    };
    assert_eq!((demo.port, demo.engine), (9000, Engine::Epoll));

    let Command::Check(check) = parse("check --configFile=t.yml -f a.yml b.yml --file=c").unwrap()
    else {
        panic!("not check");
    };
    assert_eq!(check.sources.flags.config_file(), Some("t.yml"));
    let paths = ["a.yml", "c", "b.yml"].map(PathBuf::from);
    assert_eq!(check.dynamic, paths);

    let Command::Render(render) = parse("render --provider=file -f a b -o yaml").unwrap() else {
        panic!("not render");
    };
    assert_eq!(render.output, Output::Yaml);
    assert_eq!(render.paths, ["a", "b"].map(PathBuf::from));

    let Command::Whoami(whoami) = parse("whoami -port 8081 --name=one --verbose").unwrap() else {
        panic!("not whoami");
    };
    assert_eq!((whoami.port, whoami.name.as_deref()), (8081, Some("one")));
    assert!(whoami.verbose && whoami.address.is_unspecified());

    let health = parse("healthcheck --url=http://a/ping").unwrap();
    assert!(matches!(health, Command::Tool(Tool::Healthcheck(check)) if check.url.is_some()));
}

const WRONG: [(&str, &str); 20] = [
    (
        "chekc",
        "error: there is no command `chekc`\n  hint: did you mean `ringway check`?\n\nMore: ringway help\n",
    ),
    (
        "traefik.yml",
        "  hint: options start with two dashes: `ringway --configFile=traefik.yml`",
    ),
    (
        "--log.levle=INFO",
        "--log.levle: error: no such option\n  hint: did you mean `--log.level`?\n\nMore: ringway help run\n",
    ),
    (
        "--ping true",
        "error: `true` belongs to no flag\n  hint: a switch takes its value behind an equals sign: --name=true",
    ),
    (
        "--ping check",
        "hint: a command stands first: `ringway check ...`",
    ),
    ("--a=1 --b=2", "--a: error: no such option\n"),
    ("--a=1 --b=2", "--b: error: no such option\n"),
    (
        "demo --prot=1",
        "error: `ringway demo` has no flag --prot=1\n  hint: did you mean `--port`?",
    ),
    (
        "demo --port=x",
        "error: --port: expected a number from 0 to 65535, found `x`",
    ),
    (
        "demo --port",
        "error: --port needs a value\n  hint: write --port=<number>",
    ),
    (
        "demo --engine=fast",
        "expected one of auto, ring, epoll, found `fast`",
    ),
    (
        "render",
        "error: there is nothing to render\n  hint: write `ringway render --provider=file -f dynamic.yml`",
    ),
    (
        "render -f a -o xml",
        "error: --output: expected one of json, yaml, found `xml`",
    ),
    (
        "render --provider=docker -f a",
        "error: --provider: expected one of file, kubernetescrd, kubernetesingress, kubernetes, found `docker`",
    ),
    (
        "whoami --cert=a",
        "error: --cert: whoami does not speak TLS yet",
    ),
    (
        "whoami --address=here",
        "error: --address: expected an IP address, found `here`",
    ),
    (
        "completion",
        "the name of the shell is missing\n  hint: write `ringway completion bash`, or zsh, or fish",
    ),
    ("completion csh", "there is no completion for `csh`"),
    ("help me", "there is no command `me`"),
    ("check a.yml", "`a.yml` belongs to no flag"),
];

#[test]
fn a_wrong_line_says_what_would_be_right() {
    for (line, expected) in WRONG {
        let text = parse(line).unwrap_err();
        assert!(text.contains(expected), "{line}: {text}");
    }
}

#[test]
fn the_version_has_the_lines_that_scripts_look_for() {
    let text = printed("version");
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        names,
        ["Version", "Codename", "Rust version", "Built", "OS/Arch"]
    );
    assert_eq!(printed("--version"), text);
}

#[test]
fn completion_knows_commands_flags_and_words() {
    let table = [
        ("__complete che", "check\n"),
        ("__complete check --fi", "--file=\n"),
        ("__complete --log.form", "--log.format=\n"),
        ("__complete --log.format=j", "--log.format=json\n"),
        ("__complete --log.format j", "json\n"),
        ("__complete demo --engine=r", "--engine=ring\n"),
        ("__complete render -o y", "yaml\n"),
        ("__complete completion z", "zsh\n"),
        ("__complete help opt", "options\n"),
        ("__complete demo --log", ""),
        (
            "__complete run --entryPoints.web.asD",
            "--entryPoints.web.asDefault\n",
        ),
    ];
    for (line, expected) in table {
        assert_eq!(printed(line), expected, "{line}");
    }
}

/// Runs the bash script with a stand-in for the program that prints `offered`.
fn bash_offers(line: &str, offered: &str) -> String {
    let script = printed("completion bash");
    let test = format!(
        "{script}\nringway() {{ printf '%s\\n' {offered}; }}\ncompopt() {{ :; }}\n\
         COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; _ringway; echo \"${{COMPREPLY[*]}}\""
    );
    let output = Process::new("bash").args(["-c", &test]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_bash_script_offers_only_what_follows_its_word_breaks() {
    let table = [
        ("ringway --log.lev", "--log.level=", "--log.level=\n"),
        ("ringway --log.level=D", "--log.level=DEBUG", "DEBUG\n"),
        ("ringway che", "check", "check\n"),
        ("ringway ", "run demo", "run demo\n"),
    ];
    for (line, offered, expected) in table {
        assert_eq!(bash_offers(line, offered), expected, "{line}");
    }
}

/// What `check` prints for each folder of `tests/golden/check`, and how it ends.
#[test]
fn check_tells_ways_and_problems() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/check");
    let cases = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<_> = cases
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let line = format!("check --configFile=tests/golden/check/{name}/static.yml");
        let Command::Check(options) = parse(&line).unwrap() else {
            panic!("{line}");
        };
        let (text, exit) = check::examine(&options);
        let path = format!("tests/golden/check/{name}/expected.txt");
        compare(&path, &format!("{text}exit: {exit:?}\n"));
    }
}

//! Examples in the documentation are configurations that work: every fenced block that begins
//! with `# file: dynamic.yml` passes `ringway check` without a word.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FENCE: &str = "```yaml\n# file: dynamic.yml\n";

#[test]
fn every_example_passes_the_check() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("examples");
    fs::create_dir_all(&folder).unwrap();
    let mut checked = 0;
    for page in pages(Path::new("docs")) {
        let text = fs::read_to_string(&page).unwrap();
        for (number, rest) in text.split(FENCE).skip(1).enumerate() {
            let (example, _) = rest.split_once("```").unwrap();
            check(
                &folder,
                example,
                &format!("{}, example {number}", page.display()),
            );
            checked += 1;
        }
    }
    assert!(checked >= 6, "only {checked} examples were found");
}

fn check(folder: &Path, example: &str, name: &str) {
    fs::write(folder.join("dynamic.yml"), example).unwrap();
    let settings = "entryPoints:\n  web:\n    address: ':8000'\nproviders:\n  file:\n    \
                    filename: dynamic.yml\n";
    fs::write(folder.join("static.yml"), settings).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_ringway"))
        .args(["check", "--configFile=static.yml"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let clean = output.status.success() && !said.contains("warning") && !said.contains("error");
    assert!(clean, "{name}:\n{said}");
}

/// Every page below a folder, in a fixed order.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{Folder, wait_for};

/// A process whose output lies in a file, and which ends with its owner.
pub(crate) struct Process {
    child: Child,
    folder: Folder,
}

impl Process {
    /// Starts `command`; what it says goes to `output` in `folder`.
    pub(crate) fn start(mut command: Command, folder: Folder) -> Self {
        let output = File::create(folder.path().join("output")).unwrap();
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, folder }
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Both standard output and standard error, so far.
    pub(crate) fn output(&self) -> String {
        self.folder.read("output")
    }

    /// `TERM`, `USR1`, ...
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").arg("-c").arg(command).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait_for("the process to end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            eprintln!("--- it said:\n{}---", self.output());
        }
    }
}

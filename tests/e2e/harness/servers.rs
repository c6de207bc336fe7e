use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use super::{Folder, Process, free_address, wait_for};

/// The program's own echo server, in a process of its own.
pub(crate) struct Whoami {
    _process: Process,
    address: SocketAddr,
}

impl Whoami {
    pub(crate) fn start(name: &str) -> Self {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringway"));
        command
            .arg("whoami")
            .arg(format!("--address={}", address.ip()))
            .arg(format!("--port={}", address.port()))
            .arg(format!("--name={name}"));
        let process = Process::start(command, Folder::new());
        wait_for("whoami to listen", || TcpStream::connect(address).ok());
        Self {
            _process: process,
            address,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A real nginx that serves the files of a folder.
pub(crate) struct Nginx {
    process: Process,
    address: SocketAddr,
}

impl Nginx {
    /// `options` stand in its `http` block.
    pub(crate) fn start(options: &str) -> Self {
        let address = free_address();
        let folder = Folder::new();
        let place = folder.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};"))
            .join(" ");
        let config = format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;\n\
             events {{}}\n\
             http {{ access_log off; {temporary} {options} client_max_body_size 100m;\n\
             server {{ listen {address}; root {place}/files; }} }}\n"
        );
        folder.write("nginx.conf", &config);
        std::fs::create_dir(folder.path().join("files")).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(folder.path().join("nginx.conf"));
        command.arg("-p").arg(folder.path());
        let process = Process::start(command, folder);
        wait_for("nginx to listen", || TcpStream::connect(address).ok());
        Self { process, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder whose files it serves.
    pub(crate) fn files(&self) -> PathBuf {
        self.process.folder().path().join("files")
    }
}

//! The real binary, and what a browser without JavaScript does with it.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Longer than anything takes; without an answer a test fails then.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of its own; dropping it kills it.
pub(super) struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// Starts it with its data in `folder`, and its log in the file `log` there.
    pub(super) fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let log = File::options().create(true).append(true).open(folder.join("log"));
        Self::run(Command::new(env!("CARGO_BIN_EXE_web")), folder, settings, log.expect("a file"))
    }

    /// The same, by a command that becomes the server.
    pub(super) fn run(
        mut command: Command,
        folder: &Path,
        settings: &[(&str, &str)],
        log: File,
    ) -> Self {
        let secret = "s".repeat(64);
        let process = command
            .env_clear()
            .envs([("PORT", "0"), ("SECRET_KEY_BASE", &secret)])
            .envs(settings.iter().copied())
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let mut server = Self { process, port: 0 };
        let output = server.process.stdout.take().expect("piped");
        let (says, said) = mpsc::channel();
        // To its end, as what it announces has to go somewhere.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = says.send(line);
            }
        });
        let mut banner = String::new();
        while !banner.contains("Traces") {
            let line = said.recv_timeout(PATIENCE);
            banner += &line.unwrap_or_else(|error| panic!("{error}, after {banner:?}"));
            banner.push('\n');
        }
        let port =
            banner.split("localhost:").nth(1).and_then(|rest| rest.split_whitespace().next());
        server.port = port.and_then(|port| port.parse().ok()).expect("a port");
        server
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn visitor(&self) -> Visitor {
        Visitor { port: self.port, cookie: None }
    }

    /// Ends it without a word to it.
    pub(super) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it has ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.end();
        }
    }
}

/// Somebody with a browser without JavaScript.
pub(super) struct Visitor {
    port: u16,
    cookie: Option<String>,
}

/// What a server answers.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Visitor {
    pub(super) fn post(&mut self, path: &str, form: &str) -> std::io::Result<Answer> {
        self.ask(&format!("POST {path}"), form)
    }

    /// The page at `path`, when it is there.
    pub(super) fn page(&mut self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), "").expect("an answer")
    }

    fn ask(&mut self, what: &str, body: &str) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let host = format!("localhost:{}", self.port);
        let cookie = self.cookie.as_ref().map(|cookie| format!("cookie: {cookie}\r\n"));
        write!(
            stream,
            "{what} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\naccept: text/html\r\n\
             connection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n{}\r\n{body}",
            body.len(),
            cookie.unwrap_or_default(),
        )?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        for line in text.lines().take_while(|line| !line.is_empty()) {
            let cookie = line.strip_prefix("set-cookie: ");
            if let Some(cookie) = cookie.filter(|it| it.starts_with("_live_view_session=")) {
                self.cookie = cookie.split(';').next().map(str::to_owned);
            }
        }
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok(Answer { status, text })
    }
}

//! Another client of a mail server, as people have one: it delivers mails, marks them and deletes them, over IMAP in clear
//! text. It takes any `OK` for one, and nothing else.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use intake::Timestamp;

/// How long a server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that is signed in.
pub struct Hand(BufReader<TcpStream>);

impl Hand {
    /// Signs in behind this port.
    pub fn new(port: u16, user: &str, password: &str) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a mail server");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut this = Self(BufReader::new(stream));
        this.line();
        this.run(&format!("LOGIN {user} {password}"));
        this
    }

    /// Appends a mail to a folder, received at this time.
    pub fn append(&mut self, folder: &str, raw: &[u8], received: Timestamp) {
        let date = received.strftime("%d-%b-%Y %H:%M:%S +0000");
        self.send(format!("a APPEND \"{folder}\" \"{date}\" {{{}}}\r\n", raw.len()).as_bytes());
        let answer = self.line();
        assert!(answer.starts_with('+'), "{answer}");
        self.send(&[raw, b"\r\n"].concat());
        self.finish("APPEND");
    }

    /// Runs a command and expects success; its untagged answers, line by line.
    pub fn run(&mut self, command: &str) -> Vec<String> {
        self.send(format!("a {command}\r\n").as_bytes());
        self.finish(command)
    }

    /// How many mails lie in a folder.
    pub fn count(&mut self, folder: &str) -> usize {
        self.status(folder, "MESSAGES") as usize
    }

    /// Under which UIDVALIDITY a folder is numbered.
    pub fn uid_validity(&mut self, folder: &str) -> u32 {
        self.status(folder, "UIDVALIDITY")
    }

    fn status(&mut self, folder: &str, item: &str) -> u32 {
        let told = self.run(&format!("STATUS \"{folder}\" ({item})")).join("");
        let (_, value) = told.rsplit_once(' ').expect("a value");
        value.trim_end_matches(')').parse().expect("a number")
    }

    fn finish(&mut self, command: &str) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let line = self.line();
            if line.starts_with("a ") {
                assert!(line.starts_with("a OK"), "{command}: {line}");
                return told;
            }
            told.push(line);
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).expect("a server that takes it");
    }

    /// A line, with the literals in it.
    fn line(&mut self) -> String {
        let mut bytes = Vec::new();
        loop {
            assert!(self.0.read_until(b'\n', &mut bytes).expect("an answer") > 0, "the server hung up");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let size =
                text.trim_end().rsplit_once('{').and_then(|(_, rest)| rest.strip_suffix('}')?.parse().ok());
            let Some(size) = size else { return text.trim_end().to_owned() };
            let literal = (&mut self.0).take(size).read_to_end(&mut bytes);
            assert_eq!(literal.ok().and_then(|read| u64::try_from(read).ok()), Some(size), "a whole literal");
        }
    }
}

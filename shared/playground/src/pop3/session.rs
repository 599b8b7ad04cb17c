//! One client's session: greeting, commands, goodbye.

use std::{collections::BTreeSet, sync::Arc};

use crate::imap::folder::StoredMail;
use crate::imap::section::Section;
use crate::imap::wire::{End, Wire};
use crate::line::Io;
use crate::script::{Act, Pop3Oddity, Reply, Spoilt, Step};
use crate::world::World;

/// A signed-in client and the mails that were there then; they keep their numbers.
pub(crate) struct Maildrop {
    pub(crate) user: String,
    validity: u32,
    mails: Vec<StoredMail>,
}

/// A mail of a listing.
pub(crate) struct Listed {
    pub(crate) number: usize,
    pub(crate) unique_id: String,
    pub(crate) size: u64,
}

/// What is known of a client.
pub(crate) struct Session {
    pub(crate) wire: Wire,
    pub(crate) world: Arc<World>,
    /// After USER, until PASS.
    pub(crate) named: Option<String>,
    pub(crate) maildrop: Option<Maildrop>,
    /// What is odd at times is so in this session.
    pub(crate) at_times: bool,
    /// The command came along with the one before.
    along: bool,
    /// UIDs of the mails that were read.
    pub(crate) read: BTreeSet<u32>,
}

/// Serves one connection to its end.
pub(crate) async fn run(io: Io, world: Arc<World>) {
    let closing = world.closing.clone();
    let wire = Wire::new(io, Arc::clone(&world));
    let at_times = world.plan().begin_session();
    let read = BTreeSet::new();
    let mut session = Session { wire, world, named: None, maildrop: None, at_times, along: false, read };
    let end = tokio::select! {
        () = closing.cancelled() => End::Closed,
        end = session.talk() => end,
    };
    if end != End::Cut {
        session.wire.close().await;
    }
}

impl Session {
    async fn talk(&mut self) -> End {
        if let Err(end) = self.greet().await {
            return end;
        }
        loop {
            let line = match self.wire.line().await {
                Ok(line) => line,
                Err(end) => return end,
            };
            let along = std::mem::replace(&mut self.along, self.wire.has_more());
            if along && self.is(Pop3Oddity::PipeliningRefused) {
                if let Err(end) = self.err("One command at a time.").await {
                    return end;
                }
                continue;
            }
            if let Err(end) = self.answer(&String::from_utf8_lossy(&line)).await {
                return end;
            }
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let fault = self.world.take_fault(None, |step| *step == Step::Greeting);
        if let Some(act) = fault
            && self.play(act).await?
        {
            return Err(End::Closed);
        }
        self.ok("Playground ready").await
    }

    async fn answer(&mut self, line: &str) -> Result<(), End> {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default().to_ascii_uppercase();
        self.world.count(|counters| counters.count_command(&name));
        if let Some(act) = self.fault_of(&name)
            && self.play(act).await?
        {
            return Ok(());
        }
        let argument = line.get(name.len()..).unwrap_or_default().trim_start();
        match name.as_str() {
            _ if self.is_unknown(&name) => self.err("Unknown command.").await,
            "CAPA" if self.is(Pop3Oddity::EndsAtCapa) => self.cut_off().await,
            "CAPA" => self.several(&self.capabilities()).await,
            "NOOP" => self.ok("").await,
            "QUIT" => self.quit().await,
            "AUTH" | "USER" | "PASS" if self.maildrop.is_some() => self.err("Already signed in.").await,
            "AUTH" => self.auth(argument).await,
            "USER" => {
                self.named = Some(argument.to_owned());
                self.ok("").await
            }
            "PASS" => self.pass(argument).await,
            _ if self.maildrop.is_none() => self.err("Sign in first.").await,
            "STAT" => {
                let mut mails = self.listed(None);
                mails.retain(|_| !self.is(Pop3Oddity::FalseStat));
                let sum: u64 = mails.iter().map(|mail| mail.size).sum();
                self.ok(&format!("{} {sum}", mails.len())).await
            }
            "LIST" => self.list(argument, &Spoilt::OnlyByUid, Self::sizes).await,
            "UIDL" if argument.is_empty() && self.is_now(Pop3Oddity::CutInUidl) => {
                let lines = self.unique_ids(&self.listed(None));
                self.begin(lines.iter().take(lines.len() / 2)).await?;
                self.cut_off().await
            }
            "UIDL" => self.list(argument, &Spoilt::OnlyByPlace, Self::unique_ids).await,
            "TOP" if self.is(Pop3Oddity::TopIsUnavailable) => self.err("[SYS/TEMP] Not now.").await,
            "TOP" if self.is(Pop3Oddity::WholeTop) => self.read(argument, false).await,
            "TOP" if self.is(Pop3Oddity::TopRefused) && argument.starts_with(['2', '4', '6', '8']) => {
                self.err("Cannot read it.").await
            }
            "TOP" => self.read(argument, true).await,
            "RETR" => self.read(argument, false).await,
            "DELE" => self.err("[SYS/PERM] This server keeps its mail as it is.").await,
            _ => self.err("Unknown command.").await,
        }
    }

    fn fault_of(&self, name: &str) -> Option<Act> {
        let user = self.maildrop.as_ref().map(|maildrop| maildrop.user.as_str());
        self.world.take_fault(user, |step| match step {
            Step::AnyCommand => user.is_some() && name != "QUIT",
            Step::Command(command) => command == name,
            Step::Greeting | Step::SignIn => false,
        })
    }

    /// Plays a fault; false if the honest answer still follows.
    pub(crate) async fn play(&mut self, act: Act) -> Result<bool, End> {
        match act {
            Act::Say(reply) => self.say_reply(reply).await.map(|()| true),
            Act::Drop => Err(self.wire.cut()),
            Act::Hang | Act::HugeLiteral(_) => Err(self.wire.hang().await),
            Act::Delay(time) => {
                self.wire.wait(time).await?;
                Ok(false)
            }
            Act::CutAfter(bytes) => {
                self.wire.cut_after(bytes);
                Ok(false)
            }
        }
    }

    /// Whole lines, as the script wrote them. The answer to a challenge is read and not looked at.
    async fn say_reply(&mut self, reply: Reply) -> Result<(), End> {
        if let Some(json) = &reply.challenge {
            self.challenge(json).await?;
        }
        for line in reply.untagged.iter().chain(&reply.tagged).chain(&reply.afterwards) {
            self.say(line).await?;
        }
        if reply.close {
            self.wire.close().await;
            return Err(End::Closed);
        }
        Ok(())
    }

    pub(crate) async fn ok(&mut self, text: &str) -> Result<(), End> {
        self.status("+OK", text).await
    }

    pub(crate) async fn err(&mut self, text: &str) -> Result<(), End> {
        self.status("-ERR", text).await
    }

    async fn begin(&mut self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), End> {
        self.ok("").await?;
        for line in lines {
            self.say(line.as_ref()).await?;
        }
        Ok(())
    }

    async fn several(&mut self, lines: &[String]) -> Result<(), End> {
        self.begin(lines).await?;
        self.say(".").await
    }

    async fn quit(&mut self) -> Result<(), End> {
        self.world.plan().pop3.read.append(&mut self.read);
        if !self.is(Pop3Oddity::NoGoodBye) {
            self.ok("Logging out").await?;
        }
        self.wire.flush().await?;
        Err(End::Closed)
    }

    /// All that was said until here arrives, and nothing after it.
    async fn cut_off(&mut self) -> Result<(), End> {
        Err(self.wire.cut_off().await)
    }

    /// The maildrop of this account, as it is now. A mail that is hidden now stays so in this session.
    pub(crate) fn open(&mut self, user: &str) {
        let folder = self.world.post().folder(user).cloned();
        let Some(mut folder) = folder else { return };
        folder.mails.retain(|mail| self.world.spoilt(user, mail.uid) != Some(Spoilt::Hidden));
        if self.is(Pop3Oddity::ShowsMailsOnce) {
            folder.mails.retain(|mail| !self.world.plan().pop3.read.contains(&mail.uid));
        }
        if self.is_now(Pop3Oddity::MailsAtTimes) {
            folder.mails.retain(|mail| mail.uid % 3 != 2);
        }
        self.maildrop =
            Some(Maildrop { user: user.to_owned(), validity: folder.validity, mails: folder.mails });
    }

    /// All mails, or one.
    fn listed(&self, only: Option<usize>) -> Vec<Listed> {
        let Some(maildrop) = &self.maildrop else { return Vec::new() };
        let size = |mail: &StoredMail| match self.world.spoilt(&maildrop.user, mail.uid) {
            Some(Spoilt::WrongSize(size)) => size,
            _ => mail.raw.len() as u64,
        };
        let unique_id = |mail: &StoredMail| format!("{}-{}", maildrop.validity, mail.uid);
        let numbered =
            (1..).zip(&maildrop.mails).filter(|(number, _)| only.is_none_or(|only| only == *number));
        numbered
            .map(|(number, mail)| Listed { number, unique_id: unique_id(mail), size: size(mail) })
            .collect()
    }

    async fn list(
        &mut self,
        argument: &str,
        hidden: &Spoilt,
        lines: impl Fn(&Self, &[Listed]) -> Vec<String>,
    ) -> Result<(), End> {
        if argument.is_empty() {
            let mut listed = self.listed(None);
            listed.retain(|mail| !self.hides(hidden, mail.number));
            let lines = self.in_order(lines(self, &listed));
            return self.several(&lines).await;
        }
        let one = argument.parse().ok().map(|number| lines(self, &self.listed(Some(number))));
        match one.as_deref() {
            Some([line]) => self.ok(line).await,
            _ => self.err("There is no such mail.").await,
        }
    }

    fn hides(&self, hidden: &Spoilt, number: usize) -> bool {
        let Some(maildrop) = &self.maildrop else { return false };
        let mail = number.checked_sub(1).and_then(|at| maildrop.mails.get(at));
        mail.is_some_and(|mail| self.world.spoilt(&maildrop.user, mail.uid).as_ref() == Some(hidden))
    }

    /// RETR, or TOP: the header and no line of the body.
    async fn read(&mut self, argument: &str, top: bool) -> Result<(), End> {
        let number: Option<usize> = argument.split(' ').next().and_then(|number| number.parse().ok());
        let found = self.maildrop.as_ref().and_then(|maildrop| {
            let mail = maildrop.mails.get(number?.checked_sub(1)?)?;
            Some((maildrop.user.clone(), mail.uid, mail.raw.clone()))
        });
        let Some((user, uid, raw)) = found else { return self.err("There is no such mail.").await };
        match self.world.spoilt(&user, uid) {
            Some(Spoilt::Refused(text)) => return self.err(&text).await,
            Some(Spoilt::Drops) => return self.cut_off().await,
            Some(Spoilt::Garbled) => return self.say("This is not POP3.").await,
            Some(Spoilt::NoData) => return self.several(&[]).await,
            Some(Spoilt::Huge(bytes)) => return self.flood(bytes).await,
            Some(
                Spoilt::WrongSize(_)
                | Spoilt::StandIn
                | Spoilt::Hidden
                | Spoilt::OnlyByPlace
                | Spoilt::OnlyByUid,
            )
            | None => {}
        }
        let text = if top { Section::Header.of(&raw) } else { raw };
        self.ok(&format!("{} octets", text.len())).await?;
        if !top {
            self.read.insert(uid);
        }
        if self.is_cut() {
            self.wire.send(&text[..text.len() / 2]).await?;
            return self.cut_off().await;
        }
        self.wire.send(&stuffed(&text)).await?;
        self.say(".").await
    }

    /// A mail of so many bytes and no end, and then the end of the connection.
    async fn flood(&mut self, bytes: u64) -> Result<(), End> {
        const LINE: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n";
        self.ok("").await?;
        for _ in 0..bytes / LINE.len() as u64 {
            self.wire.send(LINE.as_bytes()).await?;
        }
        self.cut_off().await
    }
}

/// With a dot before each line that begins with one, and an end of the last line.
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !text.is_empty() && !text.ends_with(b"\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

//! Mails of ordinary size, read in one command: downloading, parsing, making durable and writing overlap.
//!
//! Each stage hands on through a queue of stated length, in the order of the mailbox. While a batch is written, the
//! next one is decided on, the one after it is made durable, and further mails are read and parsed.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, stream::FuturesOrdered};
use tokio::{sync::mpsc, task::JoinError};

use crate::{
    App,
    decide::{Load, Origin, Prepared},
    error::{Error, Result},
    flows::{
        places::Room,
        reading::prepare,
        record::{Attempt, Plan, attempt, reads_issues},
    },
    limits::{BATCH_MAILS, IN_WORK, READ_AHEAD},
    panics,
    ports::{Change, Fetched, Listed, MailFault, MailSession},
    types::message::ServerId,
};

use super::{Books, Reader};

impl Reader {
    /// Reads, parses and writes mails whose announced size is ordinary.
    pub(super) async fn read_small(
        &mut self,
        books: &mut Books<'_>,
        session: &mut dyn MailSession,
        mails: Vec<Listed>,
    ) -> Result<()> {
        if mails.is_empty() || books.out_of_time() {
            return Ok(());
        }
        let ids: Vec<ServerId> = mails.iter().map(|l| l.server_id.clone()).collect();
        let mut awaited: BTreeMap<ServerId, Listed> =
            mails.into_iter().map(|l| (l.server_id.clone(), l)).collect();
        let (app, origin) = (books.app, books.origin.clone());
        let (fetched, to_parse) = mpsc::channel(READ_AHEAD);
        let (parsed, to_keep) = mpsc::channel(BATCH_MAILS);
        let (kept, to_write) = mpsc::channel(1);
        // Where one stage ends early, the next finds its queue at its end and the one before finds nobody to hand to.
        let (read, prepared, durable, written) = tokio::join!(
            session.fetch(&ids, fetched),
            prepare_each(app, &origin, &mut awaited, to_parse, parsed),
            make_durable(app, to_keep, kept),
            self.write_each(books, to_write),
        );
        written?;
        durable?;
        prepared?;
        if books.report.more {
            return Ok(());
        }
        let settled = match read {
            Ok(()) => {
                for (_, listed) in awaited {
                    self.settle_unread(books, session, listed).await?;
                }
                Ok(())
            }
            Err(error) if error.fault == MailFault::Refused => {
                self.read_each(books, session, awaited.into_values()).await
            }
            Err(error) => {
                let first = awaited.into_values().next();
                Err(self.unread.broke_at(first, error))
            }
        };
        settled?;
        self.look_anew(books).await
    }

    /// Writes batches in their order. While one is written, the next one is decided on.
    async fn write_each(
        &mut self,
        books: &mut Books<'_>,
        mut batches: mpsc::Receiver<Durable>,
    ) -> Result<()> {
        let app = books.app;
        let mut next = self.decide_next(books, &mut batches, &[]).await?;
        while let Some((mut batch, plan)) = next {
            if books.out_of_time() {
                books.report.more = true;
                return Ok(());
            }
            let mut plan = match plan {
                Some(plan) => plan,
                None => books.plan(&mut batch, &[]).await?,
            };
            let step = books.step(&batch).await?;
            plan.moves(&step);
            let counted = books.rates.is_some();
            let written = attempt(app, &plan);
            let decided = self.decide_next(books, &mut batches, &plan.changes);
            let (written, decided) = tokio::join!(written, decided);
            next = match written? {
                Attempt::Written(report) => {
                    books.wrote(report)?;
                    decided?
                }
                Attempt::Refused(rejections) => {
                    if !counted {
                        // Counting began with the next one, which is decided on again.
                        books.rates = None;
                    }
                    books.write_again(batch, (plan, rejections), step).await?;
                    // It was decided on with what did not come true.
                    decided?.map(|(batch, _)| (batch, None))
                }
            };
        }
        Ok(())
    }

    /// The next batch, and what it becomes; without that where it depends on issues that are being written.
    async fn decide_next(
        &mut self,
        books: &mut Books<'_>,
        batches: &mut mpsc::Receiver<Durable>,
        in_flight: &[Change],
    ) -> Result<Option<(Vec<Prepared>, Option<Plan>)>> {
        let mut batch = Vec::new();
        while batch.is_empty() {
            let Some(came) = batches.recv().await else { return Ok(None) };
            self.unread.note_given(true);
            batch = came.mails;
            batch.retain(|prepared| !self.is_set_aside(prepared));
            // Their room is free again. The batch before is written meanwhile: its mails and these are two batches, which
            // have limits of their own.
        }
        if reads_issues(&batch) {
            return Ok(Some((batch, None)));
        }
        let plan = books.plan(&mut batch, in_flight).await?;
        Ok(Some((batch, Some(plan))))
    }
}

/// What the parser hands on.
enum Parsed {
    Mail(Box<Prepared>, Room),
    /// The server is slower than we are: what there is need not wait for more.
    Pause,
}

/// A batch whose blobs are durable, and the room that its mails take of all polls' memory, until it is decided on.
#[derive(Default)]
struct Durable {
    mails: Vec<Prepared>,
    rooms: Vec<Room>,
}

impl Durable {
    fn push(&mut self, mail: Prepared, room: Room) {
        self.mails.push(mail);
        self.rooms.push(room);
    }
}

/// Stores and parses several mails at once, and hands them on in the order in which they came.
async fn prepare_each(
    app: &App,
    origin: &Origin,
    awaited: &mut BTreeMap<ServerId, Listed>,
    mut fetched: mpsc::Receiver<Fetched>,
    parsed: mpsc::Sender<Parsed>,
) -> Result<()> {
    let mut in_work = FuturesOrdered::new();
    let mut reading = true;
    // Read, and without room so far.
    let mut next: Option<(Listed, Bytes)> = None;
    loop {
        let size = next.as_ref().map_or(0, |(_, raw)| raw.len());
        tokio::select! {
            biased;
            Some(done) = in_work.next(), if !in_work.is_empty() => {
                let (mail, room) = flatten(done)?;
                if parsed.send(Parsed::Mail(Box::new(mail), room)).await.is_err() {
                    return Ok(());
                }
            }
            room = app.places.room(size), if next.is_some() => {
                if let Some((listed, raw)) = next.take() {
                    let work = prepare(app.clone(), origin.clone(), listed, raw);
                    let work = async { Ok((work.await?, room)) };
                    in_work.push_back(tokio::spawn(panics::caught(work)));
                }
            }
            mail = fetched.recv(), if reading && next.is_none() && in_work.len() < IN_WORK => match mail {
                Some(mail) => {
                    // Answered without bytes, or not asked for: settled after the reading.
                    let Some(raw) = mail.raw else { continue };
                    let Some(listed) = awaited.remove(&mail.server_id) else { continue };
                    next = Some((listed, raw));
                }
                None => reading = false,
            },
            else => return Ok(()),
        }
        // Whoever waits for room waits for what was parsed before.
        if in_work.is_empty()
            && (next.is_some() || fetched.is_empty())
            && parsed.send(Parsed::Pause).await.is_err()
        {
            return Ok(());
        }
    }
}

/// Makes batches, full ones where mails come fast enough, and makes durable what their mails have staged: one flush for
/// all of them.
async fn make_durable(
    app: &App,
    mut parsed: mpsc::Receiver<Parsed>,
    kept: mpsc::Sender<Durable>,
) -> Result<()> {
    let (mut batch, mut load) = (Durable::default(), Load::default());
    let mut open = true;
    while open && let Ok(place) = kept.reserve().await {
        let mut left_over = None;
        while open && left_over.is_none() {
            match parsed.recv().await {
                Some(Parsed::Mail(mail, room)) if load.take(&mail) => batch.push(*mail, room),
                Some(Parsed::Mail(mail, room)) => left_over = Some((*mail, room)),
                Some(Parsed::Pause) if batch.mails.is_empty() => {}
                Some(Parsed::Pause) => break,
                None => open = false,
            }
        }
        if !batch.mails.is_empty() {
            app.blobs.flush().await?;
            place.send(std::mem::take(&mut batch));
        }
        load = left_over.as_ref().map(|(mail, _)| Load::of(mail)).unwrap_or_default();
        if let Some((mail, room)) = left_over {
            batch.push(mail, room);
        }
    }
    Ok(())
}

fn flatten<T>(done: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    done.map_err(|_| Error::internal("storing a mail was interrupted"))?
}

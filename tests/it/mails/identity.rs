//! Whose mail and which thread: mails from files, so that the store is asked, and then all at once, so that the batch is.

use bytes::Bytes;
use intake::{
    Timestamp,
    flows::messages::{FileImport, FiledBytes, FiledMail},
    ports::IssueFilter,
    types::{PageRequest, issue::Issue, project::ProjectKey},
};
use playground::{Options, Playground};
use tests::{Inside, inside::PROJECT};

/// Header lines and text of mails to support, and what they become: so many issues, so many comments.
struct Scene {
    what: &'static str,
    mails: &'static [&'static str],
    becomes: (usize, u64),
}

const SCENES: &[Scene] = &[
    Scene {
        what: "a web form writes the same Message-ID each time",
        mails: &[
            "From: ann@a.example\nSubject: Chair\nMessage-ID: <form@shop.example>\nDate: Mon, 5 Jan 2026 12:01:00 +0100\n\nIt broke.",
            "From: bob@b.example\nSubject: Bill\nMessage-ID: <form@shop.example>\nDate: Mon, 5 Jan 2026 12:02:00 +0100\n\nIt is wrong.",
            "From: bob@b.example\nSubject: Bill\nMessage-ID: <form@shop.example>\nDate: Mon, 5 Jan 2026 12:02:00 +0100\n\nIt is  wrong.\n",
            "From: bob@b.example\nSubject: Re: Chair\nMessage-ID: <4@b.example>\nIn-Reply-To: <form@shop.example>\nDate: Mon, 5 Jan 2026 12:03:00 +0100\n\nWhose?",
        ],
        becomes: (3, 0),
    },
    Scene {
        what: "a scanner without a clock sends the same each time, but for the file",
        mails: &[
            "From: scan@org.example\nSubject: Scan\nMessage-ID: <scan@org.example>\nContent-Type: application/pdf; name=a.pdf\n\none",
            "From: scan@org.example\nSubject: Scan\nMessage-ID: <scan@org.example>\nContent-Type: application/pdf; name=a.pdf\n\ntwo",
        ],
        becomes: (2, 0),
    },
    Scene {
        what: "a mail comes by itself and through a list, with a footer",
        mails: &[
            "From: Ann <ann@a.example>\nSubject: Lamp\nMessage-ID: <lamp@a.example>\nDate: Mon, 5 Jan 2026 12:01:00 +0100\n\nIt flickers.",
            "From: Ann via L <l@x.example>\nReply-To: Ann <ann@a.example>\nList-Id: <l.x.example>\nSubject: [L] Lamp\nMessage-ID: <lamp@a.example>\nDate: Mon, 5 Jan 2026 12:01:00 +0100\n\nIt flickers.\n\nYou are on L.",
        ],
        becomes: (1, 1),
    },
    Scene {
        what: "a server replaced the Message-ID, and another gives a domain back in other case",
        mails: &[
            "From: ann@a.example\nSubject: Quote\nMessage-ID: <1@mx.example>\nX-Google-Original-Message-ID: <Q@Erp.Example>\nDate: Mon, 5 Jan 2026 12:01:00 +0100\n\nPlease.",
            "From: bob@b.example\nSubject: Re: Quote\nMessage-ID: <2@b.example>\nIn-Reply-To: <Q@erp.example>\nDate: Mon, 5 Jan 2026 12:02:00 +0100\n\nMe too.",
            "From: ann@a.example\nSubject: Quote\nMessage-ID: <3@mx.example>\nX-Google-Original-Message-ID: <Q@Erp.Example>\nDate: Mon, 5 Jan 2026 12:01:00 +0100\n\nPlease.",
        ],
        becomes: (1, 1),
    },
    Scene {
        what: "Outlook's index grows, and that of a program does not",
        mails: &[
            "From: ann@a.example\nSubject: Desk\nMessage-ID: <d1@a.example>\nThread-Index: AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQ==\n\nIt wobbles.",
            "From: ann@a.example\nSubject: RE: Desk\nMessage-ID: <d2@a.example>\nThread-Index: AdxcKz0BAgMEBQYHCAkKCwwNDg8QEQABAgME\n\nStill.",
            "From: form@o.example\nSubject: New\nMessage-ID: <n1@o.example>\nThread-Index: AdxcKz0BAgMEBQYHCAkKCwwNDg8QEg==\n\nAnn: a chair",
            "From: form@o.example\nSubject: New\nMessage-ID: <n2@o.example>\nThread-Index: AdxcKz0BAgMEBQYHCAkKCwwNDg8QEg==\n\nBob: a bill",
            "From: bob@b.example\nSubject: RE: New\nMessage-ID: <n3@b.example>\nThread-Index: AdxcKz0BAgMEBQYHCAkKCwwNDg8QEgABAgME\n\nAnd?",
        ],
        becomes: (4, 1),
    },
];

#[tokio::test]
async fn mails_of_different_people_are_kept_apart_and_of_one_thread_together() {
    let playground = Playground::start(Options::default()).await.unwrap();
    let template = Inside::new(playground.ca_pem()).await;
    let project = ProjectKey::new(PROJECT).unwrap();
    for Scene { what, mails, becomes } in SCENES {
        for at_once in [false, true] {
            let inside = template.copy().await;
            let mut import = FileImport::into(&inside.app, &project).await.unwrap();
            let filed = |raw: &&str| FiledMail {
                raw: FiledBytes::Whole(Bytes::from(format!("To: support@example.org\n{raw}"))),
                filed_at: Timestamp::from_second(1_800_000_000).unwrap(),
            };
            let mails: Vec<FiledMail> = mails.iter().map(filed).collect();
            let size = if at_once { mails.len() } else { 1 };
            let mut mails = mails.into_iter().peekable();
            while mails.peek().is_some() {
                import.add(mails.by_ref().take(size).collect(), 0).await.unwrap();
            }
            let filter = IssueFilter::Project(project.clone(), None);
            let issues: Vec<Issue> =
                inside.app.store.issues(&filter, &PageRequest::first(50)).await.unwrap().items;
            let comments = issues.iter().map(|issue| issue.comment_count).sum::<u64>();
            assert_eq!((issues.len(), comments), *becomes, "{what}, at once: {at_once}: {issues:#?}");
        }
    }
}

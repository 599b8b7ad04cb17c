use super::{Verdict::*, *};

const GOOGLE: &str =
    "received: from mail.example.com (mail.example.com [192.0.2.1]) by mx.google.com with ESMTPS id 1; Mon";
const FOREIGN: &str = "received: from a by mail.example.com with SMTP; Mon";
const FROM: &str = "from: Jane <jane@example.com>";

fn verdict(fields: &[&str], settings: &Settings) -> Verdict {
    let trace: Vec<_> = fields.iter().filter_map(|field| field.split_once(": ")).collect();
    let trace: Vec<_> = trace.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    authenticate(&trace, settings).verdict
}

fn google() -> Settings {
    Settings {
        trusted: vec!["mx.google.com".to_owned()],
        sealers: vec!["list.example".to_owned()],
        ..Settings::default()
    }
}

fn microsoft() -> Settings {
    Settings { microsoft: true, ..Settings::default() }
}

#[test]
fn the_receivers_own_fields_count() {
    let rows: &[(&[&str], Verdict)] = &[
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dmarc=pass (p=NONE) header.from=example.com",
                FOREIGN,
                FROM,
            ],
            Pass,
        ),
        (
            &[
                "received: by 2002:a05:1::1 with SMTP id 1; Mon",
                GOOGLE,
                "authentication-results: MX.google.com; dmarc=pass header.from=example.com",
                FROM,
            ],
            Pass,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dmarc=fail (p=NONE) header.from=example.com",
                FROM,
            ],
            Fail,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dkim=pass header.i=@example.com; spf=pass",
                FROM,
            ],
            Pass,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dkim=fail header.d=example.com; dkim=pass header.d=mail.example.com",
                FROM,
            ],
            Pass,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dkim=pass header.d=sender.example; spf=pass smtp.mailfrom=example.com",
                FROM,
            ],
            Unverified,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dkim=pass header.d=example.com; dmarc=fail header.from=example.com",
                FROM,
            ],
            Fail,
        ),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dkim=pass header.d=example.com; dmarc=none",
                FROM,
            ],
            Pass,
        ),
        (
            &[GOOGLE, "authentication-results: mx.google.com; dmarc=pass header.from=other.example", FROM],
            Unverified,
        ),
        (&[GOOGLE, "authentication-results: mx.google.com; none", FROM], Unverified),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; spf=pass smtp.mailfrom=\"; dmarc=pass\"@evil.example",
                FROM,
            ],
            Unverified,
        ),
        (
            &[GOOGLE, "authentication-results: mx.google.com 2; dmarc=pass header.from=example.com", FROM],
            Unverified,
        ),
        (&[GOOGLE, FROM], Unverified),
        (&[], Unverified),
    ];
    for (fields, expected) in rows {
        assert_eq!(verdict(fields, &google()), *expected, "{fields:?}");
    }
}

#[test]
fn forged_fields_do_not() {
    let forged = "authentication-results: mx.google.com; dmarc=pass header.from=example.com";
    let rows: &[(&[&str], Verdict)] = &[
        (&[GOOGLE, FOREIGN, forged, FROM], Unverified),
        (&[FOREIGN, forged, FROM], Unverified),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dmarc=fail header.from=example.com",
                forged,
                FROM,
            ],
            Fail,
        ),
        (&[GOOGLE, "authentication-results: mx.google.com; spf=none", GOOGLE, forged, FROM], Unverified),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com.evil.example; dmarc=pass header.from=example.com",
                FROM,
            ],
            Unverified,
        ),
        (
            &[GOOGLE, "authentication-results: mail.example.com; dmarc=pass header.from=example.com", FROM],
            Unverified,
        ),
        (
            &[GOOGLE, "authentication-results: (mx.google.com); dmarc=pass header.from=example.com", FROM],
            Unverified,
        ),
        (&[GOOGLE, "authentication-results: dmarc=pass header.from=example.com", FROM], Unverified),
    ];
    for (fields, expected) in rows {
        assert_eq!(verdict(fields, &google()), *expected, "{fields:?}");
    }
}

#[test]
fn an_author_is_one_address_of_the_domain_that_passed() {
    let passed = "authentication-results: mx.google.com; dmarc=pass header.from=example.com";
    for (froms, expected) in [
        (vec!["from: jane@example.com, evil@evil.example"], Unverified),
        (vec!["from: jane@example.com", "from: evil@evil.example"], Unverified),
        (vec!["from: \"jane@example.com\" <evil@evil.example>"], Unverified),
        (vec!["from: \"boss@other.example\" <jane@example.com>"], Pass),
        (vec!["from: jane@examp1e.com"], Unverified),
        (vec!["from: jane@ex\u{430}mple.com"], Unverified),
        (vec!["from: jane@mail.example.com"], Pass),
        (vec!["from: jane@badexample.com"], Unverified),
        (vec!["from: jane"], Unverified),
        (vec![], Unverified),
    ] {
        let fields: Vec<&str> = [GOOGLE, passed].into_iter().chain(froms).collect();
        assert_eq!(verdict(&fields, &google()), expected, "{fields:?}");
    }
}

#[test]
fn microsofts_form_counts_only_topmost_and_only_there() {
    let hop = "received: from mail.example.com (192.0.2.1) by AM1.mail.protection.outlook.com (10.0.0.1) with Microsoft SMTP Server; Mon";
    let pass = "authentication-results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=pass header.d=example.com;dmarc=pass action=none header.from=example.com;compauth=pass reason=100";
    let fail = "authentication-results: spf=fail smtp.mailfrom=example.com; dkim=none;dmarc=fail action=quarantine header.from=example.com;compauth=fail reason=000";
    let guess = "authentication-results: spf=pass smtp.mailfrom=example.com; dkim=none;dmarc=bestguesspass action=none header.from=example.com";
    let rows: &[(&[&str], Verdict)] = &[
        (&[hop, hop, pass, FOREIGN, FROM], Pass),
        (&[hop, fail, FROM], Fail),
        (&[hop, guess, FROM], Unverified),
        (&[hop, fail, pass, FROM], Fail),
        (&[hop, "authentication-results: mail.example.com; spf=none", pass, FROM], Unverified),
        (&[hop, FOREIGN, pass, FROM], Unverified),
    ];
    for (fields, expected) in rows {
        assert_eq!(verdict(fields, &microsoft()), *expected, "{fields:?}");
        assert_eq!(verdict(fields, &google()), Unverified, "{fields:?}");
    }
}

#[test]
fn seals_count_if_the_receiver_and_we_believe_them() {
    let arc = "authentication-results: mx.google.com; arc=pass (i=1); dmarc=fail header.from=example.com";
    let seal = "arc-seal: i=1; a=rsa-sha256; d=list.example; s=x; cv=none";
    let other = "arc-seal: i=2; a=rsa-sha256; d=evil.example; s=x; cv=pass";
    let saw = "arc-authentication-results: i=1; mx.list.example; dmarc=pass header.from=example.com";
    let rows: &[(&[&str], Verdict)] = &[
        (&[GOOGLE, arc, seal, saw, FROM], Pass),
        (&[GOOGLE, arc, other, seal, saw, FROM], Fail),
        (&[GOOGLE, arc, seal, FROM], Fail),
        (&[GOOGLE, arc, seal, saw, saw, FROM], Fail),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; dmarc=fail header.from=example.com",
                seal,
                saw,
                FROM,
            ],
            Fail,
        ),
        (&[GOOGLE, "authentication-results: mx.google.com; arc=fail; dmarc=fail", seal, saw, FROM], Fail),
        (
            &[
                GOOGLE,
                "authentication-results: mx.google.com; arc=pass",
                seal,
                "arc-authentication-results: i=1; mx; dmarc=pass header.from=other.example",
                FROM,
            ],
            Unverified,
        ),
    ];
    for (fields, expected) in rows {
        assert_eq!(verdict(fields, &google()), *expected, "{fields:?}");
    }
    let nobody = Settings { sealers: Vec::new(), ..google() };
    assert_eq!(verdict(&[GOOGLE, arc, seal, saw, FROM], &nobody), Fail);
}

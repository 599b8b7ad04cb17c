//! The address of the consent page.

use super::*;

#[test]
fn the_authorization_url_asks_for_what_is_needed() {
    let request = AuthorizationRequest {
        provider: Provider::Google,
        authorization_endpoint: "https://id.example/auth?tenant=1".parse().unwrap(),
        client_id: "c".to_owned(),
        redirect_url: "https://me.example/cb".parse().unwrap(),
        scopes: vec!["a".to_owned(), "b".to_owned()],
        state: "st".to_owned(),
        nonce: "no".to_owned(),
        code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
        login_hint: Some("x@y".to_owned()),
        prompt: None,
    };
    let url = provider(true).authorization_url(&request);
    let pairs: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let expected = [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "c"),
        ("redirect_uri", "https://me.example/cb"),
        ("scope", "a b"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge_method", "S256"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("login_hint", "x@y"),
        // RFC 7636 appendix B.
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ];
    for (name, value) in expected {
        assert_eq!(pairs.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[test]
fn the_prompt_is_what_was_set_and_else_what_the_provider_needs() {
    let prompt = |kind, prompt: Option<&str>| {
        let url = provider(true).authorization_url(&AuthorizationRequest {
            provider: kind,
            authorization_endpoint: "https://id.example/auth".parse().unwrap(),
            client_id: "c".to_owned(),
            redirect_url: "https://me.example/cb".parse().unwrap(),
            scopes: Vec::new(),
            state: "st".to_owned(),
            nonce: "no".to_owned(),
            code_verifier: "v".repeat(43),
            login_hint: None,
            prompt: prompt.map(|text| Prompt::new(text).unwrap()),
        });
        let found: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name == "prompt").collect();
        assert!(found.len() < 2, "{url}");
        found.into_iter().next().map(|(_, value)| value)
    };
    for (kind, usual) in [
        (Provider::Google, "consent"),
        (Provider::Microsoft, "select_account"),
        (Provider::Custom, "consent"),
    ] {
        assert_eq!(prompt(kind, None).as_deref(), Some(usual));
        assert_eq!(prompt(kind, Some("")), None);
        for text in ["login", "none", "login select_account"] {
            assert_eq!(prompt(kind, Some(text)).as_deref(), Some(text));
        }
    }
}

//! Signing in at the company's identity provider: a choice of whoever deploys.

use serde_json::json;

use super::{properties, template};

/// What the API alone reads, of `shared/intake/src/types/identity.rs`; the client's secret is never among it.
pub(super) const SETTINGS: [&str; 5] = ["ISSUER", "CLIENT_ID", "ADMINISTRATORS", "AGENTS", "READERS"];

/// A stack that names no identity provider has no permission for one, and no secret of one is a parameter or a variable.
#[test]
fn the_identity_provider_is_a_choice_and_its_secret_no_parameter() {
    let template = template();
    let condition = json!({ "!Not": [{ "!Equals": [{ "!Ref": "OidcIssuer" }, ""] }] });
    assert_eq!(template["Conditions"]["HasOidc"], condition);
    let statements =
        properties("ApiRole")["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap().clone();
    let ours: Vec<_> = statements.iter().filter(|one| one.to_string().contains("oidc")).collect();
    assert!(ours.len() == 1 && ours[0]["!If"][0] == "HasOidc", "{ours:?}");
    for output in ["OidcRedirectUrl", "OidcClientSecretCommand"] {
        assert_eq!(template["Outputs"][output]["Condition"], "HasOidc", "{output}");
    }
    let parameters = template["Parameters"].as_object().unwrap().iter();
    for (name, parameter) in parameters.filter(|(name, _)| name.starts_with("Oidc")) {
        assert!(!name.contains("Secret") && parameter["Default"] == "", "{name}");
    }
}

//! Secrets are hidden whether or not the model marks them, and tokens of pages and requests are shown.

use codegen::ir::{self, Definition};
use codegen::model::Models;

/// The ends of names, in lower case, that always say that a value gives access.
const HIDDEN: [&str; 13] = [
    "sessiontoken",
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "authtoken",
    "bearertoken",
    "authorizationtoken",
    "password",
    "secretaccesskey",
    "clientsecret",
    "sharedsecret",
    "privatekey",
    "passphrase",
];
/// The ends of names of tokens that need not be hidden, unless the model marks them.
const SHOWN: [&str; 6] =
    ["nexttoken", "pagetoken", "paginationtoken", "continuationtoken", "clienttoken", "clientrequesttoken"];

/// Adds what the descriptions of the crate get wrong.
pub(super) fn check(models: &Models, krate: &ir::Crate, broken: &mut Vec<String>) {
    let own = krate.operations.iter().flat_map(|it| [&it.input, &it.output]);
    let shared = krate.types.values().flatten().filter_map(|it| match it {
        Definition::Structure(it) | Definition::Union(it) => Some(it),
        Definition::Enumeration(_) => None,
    });
    for operation in &krate.operations {
        let errors = krate.errors.iter().filter(|it| operation.errors.contains(&it.name));
        let entries = errors.flat_map(|it| it.description.split(';').map(move |entry| (it, entry)));
        let secret = entries.filter(|(_, entry)| entry.split(' ').skip(1).any(|it| it == "secret"));
        for (error, entry) in secret {
            let name = entry.trim().split(':').next().unwrap_or_default();
            let (_, listed) = operation.descriptor.split_once("secret-errors=").unwrap_or_default();
            if !listed.split([',', ';']).any(|it| it == name) {
                broken.push(format!(
                    "{}: {} does not list the secret {name} of {}",
                    models.name, operation.name, error.name
                ));
            }
        }
    }
    for structure in own.chain(shared).chain(&krate.errors) {
        for entry in structure.description.split(';').map(str::trim) {
            let Some((name, rest)) = entry.split_once(':') else { continue };
            let mut words = rest.split(' ');
            let is_text = matches!(words.next(), Some("str" | "blob" | "[str]" | "{str}"));
            let is_hidden = words.any(|it| it == "secret");
            let lower = name.to_ascii_lowercase();
            let ends = |words: &[&str]| words.iter().any(|it| lower.ends_with(it));
            if is_text && !is_hidden && ends(&HIDDEN) {
                broken.push(format!("{}: {}.{name} is a secret that Debug shows", models.name, structure.name));
            }
            let member = models.service.structure(&structure.name).and_then(|it| it.members.get(name));
            let is_marked = member.and_then(|it| models.service.shapes.get(&it.shape)).is_none_or(|it| it.sensitive);
            if is_hidden && !is_marked && ends(&SHOWN) {
                broken.push(format!("{}: {}.{name} is no secret, but Debug hides it", models.name, structure.name));
            }
        }
    }
}

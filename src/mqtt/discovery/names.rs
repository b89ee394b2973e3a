//! Ids that Home Assistant takes, made from topics and names.

use super::super::topics::Topics;

/// What the ids of one device's entities begin with.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// Of `unique_id`, which never changes.
    pub(super) unique: String,
    /// Of `default_entity_id`, which a person may change afterwards.
    pub(super) entity: String,
}

/// Id of the daemon's device, `crampwatch_bridge`. No leg can have it: the topics refuse a leg of the name `bridge`.
pub(super) fn bridge_id(topics: &Topics) -> String {
    format!("{}_bridge", slug(topics.base()))
}

/// Id of a leg's device, `crampwatch_me_left`.
pub(super) fn leg_id(topics: &Topics, leg: &str) -> String {
    format!("{}_{leg}", slug(topics.base()))
}

/// Lower-case letters, digits and single underscores, neither first nor last: all that an entity id may hold. A text
/// without any of them becomes `crampwatch`.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "crampwatch".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_become_ids() {
        assert_eq!(slug("home/crampwatch"), "home_crampwatch");
        assert_eq!(slug("Left leg (anna)"), "left_leg_anna");
        assert_eq!(slug("夜"), "crampwatch");
    }

    proptest! {
        #[test]
        fn whatever_the_name_the_id_is_one(text in "\\PC{0,20}") {
            let slug = slug(&text);
            prop_assert!(!slug.is_empty() && !slug.starts_with('_') && !slug.ends_with('_') && !slug.contains("__"));
            prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
        }
    }
}

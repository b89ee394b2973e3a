//! Every topic is built here and nowhere else.

use super::error::MqttError;

/// Longest id of a leg, sensor or verb; well below any broker's limit.
const ID_LENGTH_LIMIT: usize = 64;

/// Builds topics below one base, `crampwatch` by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    base: String,
}

impl Topics {
    /// Topics below `base`.
    ///
    /// # Errors
    /// [`MqttError::BaseTopic`] if `base` is empty, begins or ends with a slash, begins with `$`, has an empty level,
    /// a wildcard, white space or a control character.
    pub fn new(base: &str) -> Result<Self, MqttError> {
        if good_topic(base) {
            Ok(Self { base: base.to_owned() })
        } else {
            Err(MqttError::BaseTopic { found: base.to_owned() })
        }
    }

    /// The base all topics begin with.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `online` or `offline` of the daemon; the last will.
    pub fn bridge_status(&self) -> String {
        self.bridge("status")
    }

    /// What runs.
    pub fn bridge_info(&self) -> String {
        self.bridge("info")
    }

    /// Whether everything is ready for the night.
    pub fn bridge_self_test(&self) -> String {
        self.bridge("self_test")
    }

    /// What was drunk on this diary day.
    pub fn bridge_intake_today(&self) -> String {
        self.bridge("intake_today")
    }

    /// Advice, at most 255 characters.
    pub fn bridge_advice(&self) -> String {
        self.bridge("advice")
    }

    /// Detail of the advice.
    pub fn bridge_advice_attributes(&self) -> String {
        self.bridge("advice/attributes")
    }

    /// Answers to commands.
    pub fn bridge_result(&self) -> String {
        self.bridge("result")
    }

    /// What a glass holds.
    pub fn bridge_glass_size(&self) -> String {
        self.bridge("glass_size")
    }

    /// All commands to the daemon, for a subscription.
    pub fn bridge_commands(&self) -> String {
        self.bridge("cmd/+")
    }

    /// All commands to a leg, for a subscription.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn commands(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "cmd/+")
    }

    /// Whether `topic` stands below the base.
    pub fn holds(&self, topic: &str) -> bool {
        topic.strip_prefix(self.base.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Commands to the daemon, as `verb`.
    ///
    /// # Errors
    /// [`MqttError::Id`] if the verb cannot stand in a topic.
    pub fn bridge_command(&self, verb: &str) -> Result<String, MqttError> {
        Ok(self.bridge(&format!("cmd/{}", checked("command", verb)?)))
    }

    /// Whether valid samples of the leg arrive.
    ///
    /// # Errors
    /// [`MqttError::Id`], as of all topics of a leg.
    pub fn availability(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "availability")
    }

    /// What the leg is doing now.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn live(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "live")
    }

    /// Events younger than 60 s.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn event(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "event")
    }

    /// Older events, after an outage.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn event_late(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "event_late")
    }

    /// The last finished episode.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn last_episode(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "last_episode")
    }

    /// The night's figures.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn night(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "night")
    }

    /// Whether the leg is to be watched.
    ///
    /// # Errors
    /// [`MqttError::Id`].
    pub fn armed(&self, leg: &str) -> Result<String, MqttError> {
        self.leg(leg, "armed")
    }

    /// Commands to a leg, as `verb`.
    ///
    /// # Errors
    /// [`MqttError::Id`] if the leg or the verb cannot stand in a topic.
    pub fn command(&self, leg: &str, verb: &str) -> Result<String, MqttError> {
        self.leg(leg, &format!("cmd/{}", checked("command", verb)?))
    }

    /// Health of a sensor.
    ///
    /// # Errors
    /// [`MqttError::Id`] if the id cannot stand in a topic.
    pub fn diagnostics(&self, sensor: &str) -> Result<String, MqttError> {
        Ok(format!("{}/sensor/{}/diagnostics", self.base, checked("sensor", sensor)?))
    }

    fn bridge(&self, rest: &str) -> String {
        format!("{}/bridge/{rest}", self.base)
    }

    fn leg(&self, leg: &str, rest: &str) -> Result<String, MqttError> {
        Ok(format!("{}/{}/{rest}", self.base, checked_leg(leg)?))
    }
}

/// Whether a topic of somebody else can be subscribed to: one topic, no pattern.
pub(super) fn listenable(topic: &str) -> bool {
    let bad_character = |character: char| character.is_control() || matches!(character, '+' | '#');
    (1..=200).contains(&topic.len()) && !topic.starts_with('$') && !topic.contains(bad_character)
}

/// Whether topics may begin with `text`.
pub(super) fn good_topic(text: &str) -> bool {
    let bad_character =
        |character: char| character.is_whitespace() || character.is_control() || matches!(character, '+' | '#');
    text.len() <= 200
        && !text.starts_with('$')
        && !text.contains(bad_character)
        && text.split('/').all(|level| !level.is_empty())
}

fn checked_leg(leg: &str) -> Result<&str, MqttError> {
    // A leg of these names would fall on the daemon's or a sensor's topics.
    if leg == "bridge" || leg == "sensor" {
        return Err(MqttError::Id { what: "leg", found: leg.to_owned() });
    }
    checked("leg", leg)
}

fn checked<'id>(what: &'static str, id: &'id str) -> Result<&'id str, MqttError> {
    let good = (1..=ID_LENGTH_LIMIT).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && !holds_an_address(id);
    if good { Ok(id) } else { Err(MqttError::Id { what, found: id.to_owned() }) }
}

/// Whether a name holds what could be a Bluetooth address, by which a person could be followed: twelve hexadecimal digits in
/// one piece or in pairs.
pub(crate) fn holds_an_address(name: &str) -> bool {
    let is_hex = |part: &&str, digits| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = name.split(|character: char| !character.is_alphanumeric()).collect();
    parts.iter().any(|part| is_hex(part, 12)) || parts.windows(6).any(|six| six.iter().all(|part| is_hex(part, 2)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("")]
    #[case("/crampwatch")]
    #[case("crampwatch/")]
    #[case("a//b")]
    #[case("my house")]
    #[case("a/+")]
    #[case("a/#")]
    #[case("$SYS/x")]
    #[case("tab\there")]
    fn a_base_that_no_broker_would_take_is_refused(#[case] base: &str) {
        let error = Topics::new(base).unwrap_err().to_string();
        assert!(error.contains("mqtt.base_topic"), "{error}");
    }

    #[test]
    fn topics_are_those_of_the_documents() {
        let topics = Topics::new("home/crampwatch").unwrap();
        assert_eq!(topics.bridge_status(), "home/crampwatch/bridge/status");
        assert_eq!(topics.event_late("me_left").unwrap(), "home/crampwatch/me_left/event_late");
        assert_eq!(topics.command("me_left", "mute").unwrap(), "home/crampwatch/me_left/cmd/mute");
        assert_eq!(topics.diagnostics("s-5f0c21aa").unwrap(), "home/crampwatch/sensor/s-5f0c21aa/diagnostics");
    }

    #[rstest]
    #[case("")]
    #[case("me left")]
    #[case("AA:BB:CC")]
    #[case("me/left")]
    #[case("+")]
    #[case("bridge")]
    #[case("sensor")]
    #[case("linkes_knieé")]
    #[case("#")]
    #[case("me_left/#")]
    #[case("A4C13812EF01")]
    #[case("a4_c1_38_12_ef_01_left")]
    #[case("me-a4-c1-38-12-ef-01")]
    fn a_leg_that_would_break_a_topic_is_refused(#[case] leg: &str) {
        assert!(Topics::new("crampwatch").unwrap().event(leg).is_err());
    }

    #[test]
    fn names_that_only_look_a_little_like_an_address_are_none() {
        for name in ["me_left", "s-5f0c21aa", "ada_be_left", "a4_c1_38_left", "deadbeef", "anna1234567890"] {
            assert!(!holds_an_address(name), "{name}");
        }
    }

    #[rstest]
    #[case("s-A4:C1:38:12:EF:01")]
    #[case("a4c13812ef01")]
    #[case("s-+")]
    fn a_sensor_or_a_command_that_would_break_a_topic_is_refused(#[case] id: &str) {
        let topics = Topics::new("crampwatch").unwrap();
        assert!(topics.diagnostics(id).is_err());
        assert!(topics.bridge_command(id).is_err());
        assert!(topics.command("me_left", id).is_err());
    }

    proptest! {
        #[test]
        fn a_topic_never_gets_more_levels_than_meant(leg in "\\PC{0,20}") {
            if let Ok(topic) = Topics::new("crampwatch").unwrap().live(&leg) {
                prop_assert_eq!(topic.split('/').count(), 3);
                prop_assert!(!topic.contains(['+', '#', ' ']));
            }
        }

        #[test]
        fn no_address_gets_into_a_topic(address in "[0-9a-fA-F]{12}|[0-9a-f]{2}([_-][0-9a-f]{2}){5}", side in "_left|") {
            let refused = Topics::new("crampwatch").unwrap().event(&format!("{address}{side}")).is_err();
            prop_assert!(refused);
        }
    }
}

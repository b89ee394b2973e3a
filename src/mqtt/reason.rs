//! Why the broker cannot be used, in words that say what to do.

use std::io::ErrorKind;

use rumqttc::v5::mqttbytes;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode};
use rumqttc::v5::{ConnectionError, StateError};

use super::settings::MqttSettings;
use super::tls_reason::tls_words;

/// One sentence for the log. `welcomed` is whether the broker had accepted this connection.
pub(crate) fn plain_words(error: &ConnectionError, settings: &MqttSettings, welcomed: bool) -> String {
    if let Some(words) = tls_words(error, settings) {
        return words;
    }
    if !welcomed && closed(error) {
        return turned_away(settings);
    }
    match error {
        ConnectionError::ConnectionRefused(code) => refused(*code, settings),
        ConnectionError::Io(source) => io(source, settings),
        ConnectionError::Timeout(_) => {
            format!("{} does not answer: is it an MQTT broker, does a firewall stand between?", settings.address())
        }
        ConnectionError::MqttState(state) => broken(state, settings),
        ConnectionError::NotConnAck(_) => not_mqtt(settings, "no greeting"),
        ConnectionError::Tls(rumqttc::TlsError::Io(source)) => io(source, settings),
        other => other.to_string(),
    }
}

/// How the end of a connection shows.
pub(crate) fn is_end(kind: ErrorKind) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

/// Whether the other side has closed the connection without a word.
fn closed(error: &ConnectionError) -> bool {
    match error {
        ConnectionError::Io(source)
        | ConnectionError::MqttState(
            StateError::Io(source) | StateError::Deserialization(mqttbytes::Error::Io(source)),
        ) => is_end(source.kind()),
        ConnectionError::MqttState(StateError::ConnectionAborted) => true,
        _ => false,
    }
}

fn turned_away(settings: &MqttSettings) -> String {
    let address = settings.address();
    let perhaps = match &settings.tls {
        None => "if that port speaks TLS (8883 usually does), set mqtt.tls = true",
        // With TLS 1.3 a refusal comes after the greeting, and the end of the connection can overtake it.
        Some(tls) if tls.has_client_certificate() => "perhaps the broker refuses mqtt.client_certificate_file",
        Some(_) => {
            "if the broker wants a client certificate, set mqtt.client_certificate_file and mqtt.client_key_file"
        }
    };
    format!("{address} closed the connection before it answered: {perhaps}; else the broker's log says why")
}

fn not_mqtt(settings: &MqttSettings, what: &str) -> String {
    format!("{} sends what is not MQTT 5 ({what}): is mqtt.port the broker's MQTT port?", settings.address())
}

fn refused(code: ConnectReturnCode, settings: &MqttSettings) -> String {
    use ConnectReturnCode as Code;
    match code {
        Code::BadUserNamePassword | Code::NotAuthorized if settings.credentials.is_none() => {
            "the broker wants a user name and a password: set mqtt.username and its password".to_owned()
        }
        Code::BadUserNamePassword | Code::NotAuthorized => {
            "the broker refuses this user name or password: check mqtt.username and its password".to_owned()
        }
        Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion => {
            "the broker does not speak MQTT 5: use mosquitto 1.6 or newer, EMQX or HiveMQ".to_owned()
        }
        Code::BadClientId | Code::ClientIdentifierNotValid => {
            format!("the broker refuses the client id {:?}: change mqtt.client_id", settings.client_id)
        }
        Code::ServiceUnavailable | Code::ServerUnavailable | Code::ServerBusy | Code::ConnectionRateExceeded => {
            "the broker is busy or not ready".to_owned()
        }
        Code::Banned => "the broker has banned this client: look into its configuration".to_owned(),
        Code::QuotaExceeded => "the broker has reached its limit of clients".to_owned(),
        Code::RetainNotSupported | Code::QoSNotSupported => {
            "the broker supports no retained or no acknowledged messages: use another one".to_owned()
        }
        other => format!("the broker refuses the connection ({other:?})"),
    }
}

fn io(source: &std::io::Error, settings: &MqttSettings) -> String {
    match source.kind() {
        ErrorKind::ConnectionRefused => {
            format!(
                "nothing listens on {}: is the broker running, are mqtt.host and mqtt.port right?",
                settings.address()
            )
        }
        kind if is_end(kind) => "the broker closed the connection".to_owned(),
        // The library gives it no kind of its own.
        _ if source.to_string().contains("lookup address") => format!(
            "the name {} cannot be found: check mqtt.host (names in .local need libnss-mdns), or write the address",
            settings.host
        ),
        _ => format!("no connection to {} ({source})", settings.address()),
    }
}

fn broken(state: &StateError, settings: &MqttSettings) -> String {
    match state {
        StateError::Io(source) | StateError::Deserialization(mqttbytes::Error::Io(source)) => io(source, settings),
        StateError::ConnectionAborted => "the broker closed the connection".to_owned(),
        StateError::AwaitPingResp => "the broker stopped answering".to_owned(),
        StateError::OutgoingPacketTooLarge { pkt_size, max }
        | StateError::Deserialization(mqttbytes::Error::OutgoingPacketTooLarge { pkt_size, max }) => {
            format!("the broker takes packets of at most {max} bytes, one has {pkt_size}: raise the broker's limit")
        }
        StateError::ServerDisconnect { reason_code: DisconnectReasonCode::SessionTakenOver, .. } => format!(
            "another client of the name {:?} took the connection over: give each daemon its own mqtt.client_id",
            settings.client_id
        ),
        StateError::ServerDisconnect { reason_code: DisconnectReasonCode::ServerShuttingDown, .. } => {
            "the broker is shutting down".to_owned()
        }
        StateError::ServerDisconnect { reason_code, .. } => {
            format!("the broker closed the connection ({reason_code:?})")
        }
        StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded { pkt_size, max }) => format!(
            "{} sends a packet of {pkt_size} bytes, more than the {max} that are taken: is it an MQTT broker?",
            settings.address()
        ),
        StateError::Deserialization(source) => not_mqtt(settings, &source.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_key_to_change() {
        let settings = MqttSettings::default();
        let words = |code| plain_words(&ConnectionError::ConnectionRefused(code), &settings, false);
        assert!(words(ConnectReturnCode::NotAuthorized).contains("mqtt.username"));
        assert!(words(ConnectReturnCode::ClientIdentifierNotValid).contains("mqtt.client_id"));
        assert!(words(ConnectReturnCode::UnsupportedProtocolVersion).contains("MQTT 5"));
    }

    #[test]
    fn a_missing_broker_is_named_with_its_address() {
        let error = ConnectionError::Io(ErrorKind::ConnectionRefused.into());
        assert!(plain_words(&error, &MqttSettings::default(), false).contains("127.0.0.1:1883"));
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_from_a_broker_that_is_away() {
        let error = std::net::ToSocketAddrs::to_socket_addrs("does-not-exist.invalid:1883").unwrap_err();
        let settings = MqttSettings { host: "does-not-exist.invalid".into(), ..MqttSettings::default() };
        let words = plain_words(&ConnectionError::Io(error), &settings, false);
        assert!(words.contains("the name does-not-exist.invalid cannot be found"), "{words}");
    }

    #[test]
    fn a_broker_that_goes_away_is_told_apart_from_one_that_never_answered() {
        let words = |welcomed| {
            let error = ConnectionError::MqttState(StateError::ConnectionAborted);
            plain_words(&error, &MqttSettings::default(), welcomed)
        };
        assert_eq!(words(true), "the broker closed the connection");
        assert!(words(false).contains("mqtt.tls = true"), "{}", words(false));
    }

    #[test]
    fn two_daemons_of_one_name_are_told_apart_from_a_broken_broker() {
        let state =
            StateError::ServerDisconnect { reason_code: DisconnectReasonCode::SessionTakenOver, reason_string: None };
        assert!(
            plain_words(&ConnectionError::MqttState(state), &MqttSettings::default(), true).contains("mqtt.client_id")
        );
    }
}

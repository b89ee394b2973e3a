//! Where the broker is and how to speak to it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use rumqttc::v5::MqttOptions;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::LastWill;
use rumqttc::{TlsConfiguration, Transport};

use super::discovery::{DiscoverySettings, discovery};
use super::error::MqttError;
use super::outgoing::online_word;
use super::tls::Tls;
use super::topics::Topics;

/// A user name and a password; the password never shows in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub username: String,
    /// Password in the clear.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("username", &self.username).field("password", &"***").finish()
    }
}

/// Where the broker is and how to speak to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MqttSettings {
    /// Name or address of the broker.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// Name of this client; two daemons on one broker need two.
    pub client_id: String,
    /// Only if the broker asks for them.
    pub credentials: Option<Credentials>,
    /// How to encrypt and whom to trust; none: in the clear.
    pub tls: Option<Tls>,
    /// What all topics begin with.
    pub base_topic: String,
    /// Silence after which the broker is asked whether it is alive, in seconds, 5 to 3600. A dead one is noticed after at most twice
    /// as long.
    pub keep_alive_s: u16,
    /// How long the broker remembers this client after a break, in seconds.
    pub session_expiry_s: u32,
    /// Largest packet taken from the broker, in bytes.
    pub max_packet_bytes: u32,
    /// Whether live events carry an MQTT 5 message expiry; false for the embedded broker only, which cannot take one.
    pub message_expiry: bool,
    /// What Home Assistant is told of devices; none: nothing.
    pub discovery: Option<DiscoverySettings>,
}

impl Default for MqttSettings {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 1883,
            client_id: "crampwatch".to_owned(),
            credentials: None,
            tls: None,
            base_topic: "crampwatch".to_owned(),
            keep_alive_s: 15,
            session_expiry_s: 86_400,
            // rumqttc's 10 KiB default turns one larger retained message into an endless error loop.
            max_packet_bytes: 256 * 1024,
            message_expiry: true,
            discovery: None,
        }
    }
}

impl MqttSettings {
    /// Checks every value and gives the topics.
    ///
    /// # Errors
    /// [`MqttError::BaseTopic`], [`MqttError::Setting`] with the key, what was found and what would do, or [`MqttError::Id`] for a
    /// leg to be announced that cannot stand in a topic.
    pub fn validate(&self) -> Result<Topics, MqttError> {
        let bad = |key, found: String, expected| Err(MqttError::Setting { key, found, expected });
        if self.host.is_empty() || self.host.contains(|character: char| character.is_whitespace() || character == '/') {
            return bad("host", format!("{:?}", self.host), "a name or an IP address without scheme or port");
        }
        if self.port == 0 {
            return bad("port", "0".to_owned(), "1 to 65535, usually 1883, with TLS 8883");
        }
        if self.client_id.is_empty() || self.client_id.len() > 64 || self.client_id.contains(char::is_whitespace) {
            return bad("client_id", format!("{:?}", self.client_id), "1 to 64 characters without spaces");
        }
        if !(5..=3600).contains(&self.keep_alive_s) {
            return bad("keep_alive_s", self.keep_alive_s.to_string(), "5 to 3600 seconds");
        }
        if !(16 * 1024..=16 * 1024 * 1024).contains(&self.max_packet_bytes) {
            return bad("max_packet_bytes", self.max_packet_bytes.to_string(), "16384 to 16777216 bytes");
        }
        let topics = Topics::new(&self.base_topic)?;
        if let Some(settings) = &self.discovery {
            discovery(settings, &topics)?;
        }
        Ok(topics)
    }

    /// Whether messages leave this machine, as far as the host's name tells.
    pub fn is_beyond_this_machine(&self) -> bool {
        let host = self.bare_host();
        let is_loopback = |address: IpAddr| address.is_loopback();
        !host.eq_ignore_ascii_case("localhost") && !host.parse().is_ok_and(is_loopback)
    }

    /// `host:port` for people.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.url_host(), self.port)
    }

    /// The client's options; the settings must have been validated.
    pub(crate) fn options(&self, topics: &Topics) -> MqttOptions {
        let mut options = self.options_without_will();
        options.set_last_will(LastWill::new(topics.bridge_status(), online_word(false), QoS::AtLeastOnce, true, None));
        options
    }

    /// The same for somebody who only looks: whose end says nothing of the daemon's.
    pub(crate) fn options_without_will(&self) -> MqttOptions {
        // The name in the certificate is compared with the host, which therefore must be without brackets.
        let host = if self.tls.is_some() { self.bare_host().to_owned() } else { self.url_host() };
        let mut options = MqttOptions::new(self.client_id.clone(), host, self.port);
        if let Some(tls) = &self.tls {
            options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(tls.config())));
        }
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(self.session_expiry_s))
            .set_keep_alive(Duration::from_secs(u64::from(self.keep_alive_s)))
            .set_max_packet_size(Some(self.max_packet_bytes))
            // One acknowledged message at a time: the next acknowledgement is then its own. It also saves 15 MB.
            .set_outgoing_inflight_upper_limit(1);
        let mut network = options.network_options();
        network.set_tcp_nodelay(true);
        options.set_network_options(network);
        if let Some(credentials) = &self.credentials {
            options.set_credentials(credentials.username.clone(), credentials.password.clone());
        }
        options
    }

    /// The client joins host and port by a colon, so an IPv6 address needs its brackets.
    fn url_host(&self) -> String {
        let host = self.bare_host();
        if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
    }

    fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_the_will_says_offline() {
        let settings = MqttSettings::default();
        let options = settings.options(&settings.validate().unwrap());
        let will = options.last_will().unwrap();
        assert_eq!(will.topic, "crampwatch/bridge/status");
        assert_eq!(will.message, "offline");
        assert!(will.retain);
        assert!(!options.clean_start());
    }

    #[test]
    fn a_password_is_not_printed() {
        let credentials = Some(Credentials { username: "me".into(), password: "open sesame".into() });
        let printed = format!("{:?}", MqttSettings { credentials, ..MqttSettings::default() });
        assert!(printed.contains("me") && !printed.contains("sesame"), "{printed}");
    }

    #[test]
    fn each_bad_setting_is_named_with_what_would_do() {
        let good = MqttSettings::default;
        let cases = [
            (MqttSettings { host: "mqtt://pi".into(), ..good() }, "mqtt.host"),
            (MqttSettings { port: 0, ..good() }, "mqtt.port"),
            (MqttSettings { client_id: String::new(), ..good() }, "mqtt.client_id"),
            (MqttSettings { keep_alive_s: 1, ..good() }, "mqtt.keep_alive_s"),
            (MqttSettings { max_packet_bytes: 10, ..good() }, "mqtt.max_packet_bytes"),
            (MqttSettings { base_topic: "a/#".into(), ..good() }, "mqtt.base_topic"),
        ];
        for (settings, key) in cases {
            let error = settings.validate().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn only_loopback_stays_on_this_machine() {
        for (host, beyond) in
            [("localhost", false), ("127.0.0.1", false), ("[::1]", false), ("pi", true), ("10.0.0.5", true)]
        {
            let settings = MqttSettings { host: host.into(), ..MqttSettings::default() };
            assert_eq!(settings.is_beyond_this_machine(), beyond, "{host}");
        }
    }

    #[test]
    fn an_ipv6_address_gets_its_brackets() {
        for host in ["::1", "[::1]"] {
            let settings = MqttSettings { host: host.into(), ..MqttSettings::default() };
            assert_eq!((settings.address().as_str(), settings.bare_host()), ("[::1]:1883", "::1"));
        }
    }
}

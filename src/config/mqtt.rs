//! The section `[mqtt]`: which broker, how to prove who we are, and what must not be open to the network.

use std::ffi::OsStr;
use std::path::Path;

use toml::Spanned;

use super::check::{Checked, Checker};
use super::error::ConfigError;
use super::load::{Environment, read_text};
use super::raw::{RawMqtt, Value};
use super::secret::Secret;
use super::validated::{MqttConfig, MqttMode};
use crate::mqtt::{CA_FILE, CLIENT_CERTIFICATE_FILE, MqttError, TlsFiles};

const PASSWORD_VARIABLE: &str = "CRAMPWATCH_MQTT_PASSWORD";
const EMBEDDED_PASSWORD_VARIABLE: &str = "CRAMPWATCH_MQTT_EMBEDDED_PASSWORD";
/// Where brokers speak MQTT over TLS.
const TLS_PORT: u16 = 8883;

impl MqttConfig {
    /// Takes the passwords that the environment holds, which a service manager can fill.
    pub(super) fn take_passwords_of(&mut self, environment: &Environment) -> Checked {
        self.password = secret_of(environment, PASSWORD_VARIABLE, "set it again, or use mqtt.password_file")?;
        let remedy = "set it again, or use mqtt.embedded_password_file";
        self.embedded_password = secret_of(environment, EMBEDDED_PASSWORD_VARIABLE, remedy)?;
        Ok(())
    }

    /// The files that TLS needs.
    pub fn tls_files(&self) -> TlsFiles {
        TlsFiles {
            ca: self.ca_file.clone(),
            client_certificate: self.client_certificate_file.clone(),
            client_key: self.client_key_file.clone(),
        }
    }
}

fn secret_of(environment: &Environment, variable: &'static str, remedy: &'static str) -> Checked<Option<Secret>> {
    let Some(value) = environment.get(variable) else { return Ok(None) };
    let text = OsStr::to_str(value).ok_or(ConfigError::Environment {
        variable,
        found: "not UTF-8",
        expected: "UTF-8 text",
        remedy,
    })?;
    Ok(Some(Secret::new(text)))
}

/// Where each file's key stands in the text.
struct TlsKeys {
    tls: Value<bool>,
    ca_file: Value<String>,
    client_certificate_file: Value<String>,
    client_key_file: Value<String>,
}

impl Checker<'_> {
    pub(super) fn mqtt(&self, raw: RawMqtt, mqtt: &mut MqttConfig) -> Checked {
        mqtt.take_passwords_of(self.environment)?;
        let modes = [MqttMode::Embedded, MqttMode::External, MqttMode::Off].map(|mode| (mode.as_str(), mode));
        self.choice(raw.mode, &modes, &mut mqtt.mode)?;
        self.first_topic(raw.base_topic, &mut mqtt.base_topic)?;
        if let Some(discovery) = raw.discovery {
            mqtt.discovery = discovery.into_inner();
        }
        self.first_topic(raw.discovery_prefix, &mut mqtt.discovery_prefix)?;
        self.host(raw.host, mqtt)?;
        let keys = TlsKeys {
            tls: raw.tls,
            ca_file: raw.ca_file,
            client_certificate_file: raw.client_certificate_file,
            client_key_file: raw.client_key_file,
        };
        self.tls(keys, mqtt)?;
        if mqtt.tls {
            mqtt.port = TLS_PORT;
        }
        self.integer(raw.port, 1..=65_535, "as a port", &mut mqtt.port)?;
        self.user(raw.username, raw.password_file, mqtt)?;
        self.integer(raw.embedded_port, 1..=65_535, "as a port", &mut mqtt.embedded_port)?;
        self.embedded_user(raw.embedded_username, raw.embedded_password_file, mqtt)?;
        self.embedded_address(raw.embedded_address, mqtt)
    }

    fn host(&self, raw: Value<String>, mqtt: &mut MqttConfig) -> Checked {
        let Some(host) = raw else { return Ok(()) };
        let name = host.get_ref();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "/@".contains(c)) {
            let remedy = "write the name alone, without mqtt:// and without a path; the port is a key of its own";
            return Err(self.fail(&host, format!("the host {name:?}"), "a host name or an address", remedy));
        }
        mqtt.host = host.into_inner();
        Ok(())
    }

    fn tls(&self, keys: TlsKeys, mqtt: &mut MqttConfig) -> Checked {
        if let Some(tls) = &keys.tls {
            mqtt.tls = *tls.get_ref();
            if mqtt.tls && mqtt.mode == MqttMode::Embedded {
                let (found, expected) = ("tls = true with the embedded broker", "tls with mode = \"external\" only");
                let remedy = "the embedded broker has no encryption: set mode = \"external\" and host, or remove tls";
                return Err(self.fail(tls, found, expected, remedy));
            }
        }
        // Cloned because the places in the text are needed for what the files turn out to hold.
        mqtt.ca_file = self.path(keys.ca_file.clone())?;
        mqtt.client_certificate_file = self.path(keys.client_certificate_file.clone())?;
        mqtt.client_key_file = self.path(keys.client_key_file.clone())?;
        if mqtt.mode != MqttMode::External {
            return Ok(());
        }
        let written = [&keys.ca_file, &keys.client_certificate_file, &keys.client_key_file];
        if !mqtt.tls
            && let Some(file) = written.into_iter().flatten().next()
        {
            let found = "a file for TLS without tls = true";
            return Err(self.fail(file, found, "both or neither", "set mqtt.tls = true, or remove the file"));
        }
        let Err(MqttError::TlsFile { key, path, found, expected, remedy }) = mqtt.tls_files().check() else {
            return Ok(());
        };
        let at = match key {
            CA_FILE => keys.ca_file,
            CLIENT_CERTIFICATE_FILE => keys.client_certificate_file,
            _ => keys.client_key_file,
        };
        let place = at.unwrap_or_else(|| Spanned::new(0..0, String::new()));
        Err(self.fail(&place, format!("{found} ({key} {})", path.display()), expected, remedy))
    }

    /// The user at an external broker.
    fn user(&self, username: Value<String>, file: Value<String>, mqtt: &mut MqttConfig) -> Checked {
        mqtt.username = username.map(Spanned::into_inner);
        let Some(file) = file else { return Ok(()) };
        if mqtt.password.is_none() {
            let path = self.resolve(&file)?;
            mqtt.password = Some(self.password_in(&file, &path, PASSWORD_VARIABLE)?);
            mqtt.password_file = Some(path);
        }
        if mqtt.username.is_none() {
            let remedy = "add mqtt.username: MQTT has no password without a user name";
            return Err(self.fail(&file, "a password_file without a username", "both or neither", remedy));
        }
        Ok(())
    }

    /// The user whom the embedded broker asks for.
    fn embedded_user(&self, username: Value<String>, file: Value<String>, mqtt: &mut MqttConfig) -> Checked {
        if let Some(username) = username {
            if username.get_ref().is_empty() {
                let remedy = "write one, or leave the key out for \"crampwatch\"";
                return Err(self.fail(&username, "an empty user name", "a name", remedy));
            }
            mqtt.embedded_username = username.into_inner();
        }
        let Some(file) = file.filter(|_| mqtt.embedded_password.is_none()) else { return Ok(()) };
        let path = self.resolve(&file)?;
        mqtt.embedded_password = Some(self.password_in(&file, &path, EMBEDDED_PASSWORD_VARIABLE)?);
        mqtt.embedded_password_file = Some(path);
        Ok(())
    }

    /// Nights are nobody else's business: no address beyond this machine without a password.
    fn embedded_address(&self, raw: Value<String>, mqtt: &mut MqttConfig) -> Checked {
        let Some(raw) = raw else { return Ok(()) };
        let found = format!("the address {:?}", raw.get_ref());
        let Ok(address) = raw.get_ref().parse() else {
            let expected = "an IP address of this machine";
            let remedy = "write \"127.0.0.1\" for this machine only, \"0.0.0.0\" for the whole network";
            return Err(self.fail(&raw, found, expected, remedy));
        };
        mqtt.embedded_address = address;
        if mqtt.mode == MqttMode::Embedded && !address.is_loopback() && mqtt.embedded_password.is_none() {
            let found = format!("{found} and no password for the embedded broker");
            let expected = "a password before the network can read your nights";
            let remedy = format!(
                "name a file with one in mqtt.embedded_password_file or set {EMBEDDED_PASSWORD_VARIABLE}; or write \
                 \"127.0.0.1\" for this machine only"
            );
            return Err(self.fail(&raw, found, expected, remedy));
        }
        Ok(())
    }

    fn password_in(&self, file: &Spanned<String>, path: &Path, variable: &str) -> Checked<Secret> {
        let remedy = format!("write the password into it, or set {variable}");
        let text = read_text(path).map_err(|error| {
            let found = format!("the password file {} ({error})", path.display());
            self.fail(file, found, "a readable text file", remedy.as_str())
        })?;
        let password = text.trim_end_matches(['\n', '\r']);
        if password.is_empty() {
            return Err(self.fail(file, format!("the empty file {}", path.display()), "a password", remedy));
        }
        Ok(Secret::new(password))
    }
}

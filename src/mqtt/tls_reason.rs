//! Why TLS with the broker failed, in words that say what to do.

use jiff::Timestamp;
use rumqttc::TlsError;
use rumqttc::v5::mqttbytes;
use rumqttc::v5::{ConnectionError, StateError};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{AlertDescription, CertificateError, Error};

use super::reason::is_end;
use super::settings::MqttSettings;
use super::tls::Tls;

/// One sentence for the log, if `error` comes from TLS.
pub(crate) fn tls_words(error: &ConnectionError, settings: &MqttSettings) -> Option<String> {
    let tls = settings.tls.as_ref()?;
    if let Some(error) = found_in(error) {
        return Some(words(error, settings, tls));
    }
    match error {
        ConnectionError::Tls(TlsError::Io(source)) if is_end(source.kind()) => Some(format!(
            "{} closed the connection before TLS was agreed on: give mqtt.port the broker's TLS port (usually 8883), or \
             set mqtt.tls = false",
            settings.address()
        )),
        ConnectionError::Tls(TlsError::DNSName(_)) => Some(format!(
            "mqtt.host {:?} is neither a name nor an address that a certificate can be for: change it",
            settings.host
        )),
        _ => None,
    }
}

/// The library's own error, which travels inside errors of reading and writing.
fn found_in(error: &ConnectionError) -> Option<&Error> {
    let source = match error {
        ConnectionError::Tls(TlsError::TLS(error)) => return Some(error),
        ConnectionError::Tls(TlsError::Io(source))
        | ConnectionError::Io(source)
        | ConnectionError::MqttState(
            StateError::Io(source) | StateError::Deserialization(mqttbytes::Error::Io(source)),
        ) => source,
        _ => return None,
    };
    source.get_ref()?.downcast_ref()
}

fn words(error: &Error, settings: &MqttSettings, tls: &Tls) -> String {
    match error {
        Error::InvalidCertificate(wrong) => certificate(wrong, settings, tls),
        Error::NoCertificatesPresented => "the broker shows no certificate: set its certfile".to_owned(),
        Error::AlertReceived(alert) => alerted(*alert, tls),
        Error::InvalidMessage(_) => not_a_tls_port(settings),
        Error::PeerIncompatible(_) => {
            "the broker speaks no TLS that is still safe: let it offer TLS 1.2 or 1.3".to_owned()
        }
        other => format!("TLS with {} failed ({other})", settings.address()),
    }
}

fn not_a_tls_port(settings: &MqttSettings) -> String {
    format!(
        "{} does not speak TLS: give mqtt.port the broker's TLS port (usually 8883), or set mqtt.tls = false",
        settings.address()
    )
}

fn certificate(wrong: &CertificateError, settings: &MqttSettings, tls: &Tls) -> String {
    match wrong {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => match tls.ca() {
            Some(path) => format!(
                "the broker's certificate was not signed by mqtt.ca_file ({}): give the certificate of the authority \
                 that signed it",
                path.display()
            ),
            None => "the broker's certificate was signed by no authority that this machine knows: name its own in \
                     mqtt.ca_file"
                .to_owned(),
        },
        CertificateError::Expired => {
            "the broker's certificate has expired: renew it, or set this machine's clock".to_owned()
        }
        CertificateError::ExpiredContext { time, not_after } => format!(
            "the broker's certificate expired on {}, and it is {} by this machine's clock: renew it, or set the clock",
            day(*not_after),
            day(*time)
        ),
        CertificateError::NotValidYet => {
            "the broker's certificate is not valid yet: is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "the broker's certificate is valid from {}, and it is {} by this machine's clock: set the clock",
            day(*not_before),
            day(*time)
        ),
        CertificateError::NotValidForName => wrong_name(&settings.host, &[]),
        CertificateError::NotValidForNameContext { expected, presented } => wrong_name(&host(expected), presented),
        // What `openssl req -x509` makes unless told otherwise.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the broker's certificate is that of an authority, which may not stand for a broker: make one for the broker \
             that the authority signs, see packaging/mosquitto/README.md"
                .to_owned()
        }
        other => format!("the broker's certificate cannot be trusted ({other})"),
    }
}

fn host(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

fn wrong_name(host: &str, presented: &[String]) -> String {
    if presented.is_empty() {
        return format!(
            "the broker's certificate names no host: make one with {host} in its subjectAltName, see \
             packaging/mosquitto/README.md"
        );
    }
    let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
    format!(
        "the broker's certificate is for {}, not for {host}: set mqtt.host to one of these, or make a certificate with \
         {host} in its subjectAltName",
        names.join(", ")
    )
}

/// `DnsName("pi")` is `pi`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, rest)| rest.strip_suffix(')').unwrap_or(rest));
    inner.trim_matches('"')
}

fn alerted(alert: AlertDescription, tls: &Tls) -> String {
    use AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired | Alert::HandshakeFailure if !tls.has_client_certificate() => {
            "the broker wants a client certificate: set mqtt.client_certificate_file and mqtt.client_key_file"
                .to_owned()
        }
        Alert::CertificateExpired => {
            "the broker says that mqtt.client_certificate_file has expired: renew it".to_owned()
        }
        Alert::UnknownCA
        | Alert::BadCertificate
        | Alert::CertificateUnknown
        | Alert::CertificateRevoked
        | Alert::DecryptError
        | Alert::UnsupportedCertificate
        | Alert::AccessDenied
            if tls.has_client_certificate() =>
        {
            format!(
                "the broker refuses mqtt.client_certificate_file ({alert:?}): have it signed by the authority in the \
                 broker's cafile"
            )
        }
        Alert::ProtocolVersion => "the broker speaks no TLS that is still safe: let it offer TLS 1.2 or 1.3".to_owned(),
        Alert::UnrecognisedName => "the broker does not answer to the name in mqtt.host: change it".to_owned(),
        other => format!("the broker ended TLS ({other:?}): its log says why"),
    }
}

/// The day, in UTC.
fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| "an unknown day".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_the_library_wraps_around_them() {
        assert_eq!(bare("DnsName(\"pi.local\")"), "pi.local");
        assert_eq!(bare("IpAddress(192.168.1.5)"), "192.168.1.5");
        assert_eq!(bare("odd"), "odd");
    }

    #[test]
    fn a_certificate_without_names_tells_of_the_subject_alt_name() {
        let words = wrong_name("pi", &[]);
        assert!(words.contains("names no host") && words.contains("subjectAltName"), "{words}");
    }

    #[test]
    fn a_day_is_one_of_the_calendar() {
        assert_eq!(day(UnixTime::since_unix_epoch(std::time::Duration::from_secs(86_400))), "1970-01-02");
    }
}

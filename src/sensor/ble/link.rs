//! How the link stands, for whoever tells people of it.

use super::ErrorClass;
use super::supervisor::Phase;
use crate::sensor::{LinkReport, LinkTrouble, TroubleKind};

const TWO_FIT: &str = "two sensors fit, and the one in use is kept while it is heard; set sensor.bluetooth.address to the \
                       right one (`crampwatch scan` shows both)";

/// State of a link and its counts since the source began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkState {
    /// Where it stands.
    pub phase: Phase,
    /// What keeps it from streaming; its text says what to do.
    pub problem: Option<ErrorClass>,
    /// What the sensor or its profile says of that problem.
    pub detail: Option<String>,
    /// Another sensor that fits was heard when this one was last searched for.
    pub two_fit: bool,
    /// How often the sensor refused its settings or was another one than its profile says.
    pub refusals: u64,
    /// Id of the sensor, once one has been connected.
    pub sensor_id: Option<String>,
    /// Signal strength of its newest advertisement, in dBm.
    pub rssi_dbm: Option<i16>,
    /// Connections that failed in a row.
    pub failures: u32,
    /// Connections that were made.
    pub connections: u64,
    /// Notifications dropped because they came faster than they were taken.
    pub notes_dropped: u64,
    /// Items dropped because the daemon did not take them.
    pub items_dropped: u64,
}

impl LinkState {
    /// A link that has not begun.
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::AdapterLost,
            problem: None,
            detail: None,
            two_fit: false,
            refusals: 0,
            sensor_id: None,
            rssi_dbm: None,
            failures: 0,
            connections: 0,
            notes_dropped: 0,
            items_dropped: 0,
        }
    }

    /// The same in words for people.
    pub fn report(&self) -> LinkReport {
        let words = |problem: ErrorClass| match &self.detail {
            Some(detail) => format!("{problem} ({detail})"),
            None => problem.to_string(),
        };
        let streaming = self.phase == Phase::Streaming;
        let problem = self.problem.filter(|_| !streaming);
        LinkReport {
            streaming,
            trouble: problem.map(|problem| LinkTrouble { kind: kind_of(problem), words: words(problem) }),
            warning: self.two_fit.then(|| TWO_FIT.to_owned()),
        }
    }
}

fn kind_of(problem: ErrorClass) -> TroubleKind {
    match problem {
        ErrorClass::AdapterOff
        | ErrorClass::NoAdapter
        | ErrorClass::NoBluetoothd
        | ErrorClass::BusLost
        | ErrorClass::NoPermission => TroubleKind::Machine,
        ErrorClass::NeedsPairing | ErrorClass::MissingCharacteristic | ErrorClass::Refused => TroubleKind::Sensor,
        ErrorClass::Timeout
        | ErrorClass::ServicesUnresolved
        | ErrorClass::UnknownObject
        | ErrorClass::InProgress
        | ErrorClass::NotConnected
        | ErrorClass::NoAnswer
        | ErrorClass::Silent
        | ErrorClass::Other => TroubleKind::Passing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_where_the_trouble_lies_and_quotes_what_the_sensor_said() {
        let mut link = LinkState { phase: Phase::BackingOff, problem: Some(ErrorClass::Refused), ..LinkState::new() };
        link.detail = Some("the sensor's gain is 12, its profile says 24".to_owned());
        let trouble = link.report().trouble.unwrap();
        assert_eq!(trouble.kind, TroubleKind::Sensor);
        assert!(trouble.words.ends_with("(the sensor's gain is 12, its profile says 24)"), "{}", trouble.words);
        let off = LinkState { problem: Some(ErrorClass::AdapterOff), ..LinkState::new() };
        assert_eq!(off.report().trouble.unwrap().kind, TroubleKind::Machine);
    }

    #[test]
    fn a_link_that_streams_has_no_trouble_and_may_have_a_rival() {
        let link = LinkState { phase: Phase::Streaming, two_fit: true, ..LinkState::new() };
        let report = link.report();
        assert_eq!((report.streaming, &report.trouble), (true, &None));
        assert!(report.warning.unwrap().contains("sensor.bluetooth.address"));
    }
}

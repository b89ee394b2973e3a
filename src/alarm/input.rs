//! What the alarm policy is told.

use uuid::Uuid;

/// Something that happened on a leg or was asked for it.
///
/// [`Acknowledge`](Self::Acknowledge), [`Mute`](Self::Mute), [`Dismiss`](Self::Dismiss) and [`SetArmed`](Self::SetArmed) are four
/// different things (for users: docs/alarms.md):
///
/// | | alarm that is on | same cramp later | later cramps | faults | the record |
/// |---|---|---|---|---|---|
/// | acknowledge | stops | silent | alarm | told | a cramp that was acknowledged |
/// | mute | pauses | alarms if it goes on when the mute ends | silent while muted | told | a cramp |
/// | dismiss | stops | silent | alarm | told | not a cramp |
/// | disarm | stops | silent | silent while disarmed | not told | nothing is recorded |
#[derive(Debug, Clone, PartialEq)]
pub enum AlarmInput {
    /// The episode machine suspects a cramp.
    CrampSuspected {
        /// The episode.
        episode: Uuid,
    },
    /// The suspicion came to nothing.
    SuspicionDropped,
    /// A cramp has started; the episode is that of the suspicion, if there was one.
    CrampStarted {
        /// The episode.
        episode: Uuid,
    },
    /// The cramp is over or was interrupted.
    CrampEnded,
    /// "I have noticed": the alarm stops and no longer escalates, and stays silent for the episode that is on. The cramp stays a
    /// cramp; the next one alarms as before. Without an alarm it does no harm.
    Acknowledge,
    /// "Not now": no alarm and no escalation for so many minutes, whatever cramps. Cramps are detected and told, and faults are
    /// told, as before. When the mute ends, a cramp that goes on does alarm.
    Mute {
        /// 0 (ends the mute) to 720; more counts as 720.
        minutes: u32,
    },
    /// "That was no cramp": the latest episode is none and its alarm stops. Whoever calls labels it in the store.
    Dismiss,
    /// `false`, "do not watch": no alarms, no faults, no reminders until armed again, at the latest at the next noon, so that it
    /// cannot be forgotten for a second night. An alarm that is on ends. `true`, "watch from now on": in the sleep window as
    /// always, by day at once and until the sleep window's next end.
    SetArmed(bool),
    /// Valid samples arrived; the instant is their end.
    ValidSamples,
    /// Why samples are missing or bad, in words that a fault then quotes ("electrodes off the skin"). Forgotten when valid
    /// samples arrive again.
    Trouble {
        /// In plain words.
        why: String,
    },
    /// Nothing can come from the sensor any more: this machine has lost bus, bluetoothd or adapter. Samples are stale at once,
    /// until newer ones arrive.
    LinkCut {
        /// In plain words.
        why: String,
    },
    /// Whether the sensor is on the leg, as its electrodes say.
    Worn(bool),
    /// It lies as still as no leg does, for so many seconds up to now; `None` when that is over. Only a guess: it is told, and
    /// silences neither alarms nor faults.
    Still(Option<f64>),
    /// Whether somebody lies in bed; `None` if that is not known, which counts as yes.
    Bed(Option<bool>),
    /// A battery reading.
    Battery {
        /// 0 to 100; more counts as 100.
        pct: u8,
    },
}

/// The longest mute in minutes.
pub const LONGEST_MUTE_MIN: u32 = 720;

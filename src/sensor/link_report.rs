//! How a source's link to its sensor stands, in words for people; whatever radio it is.

/// How a link stands, for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LinkReport {
    /// Valid samples arrive.
    pub streaming: bool,
    /// What keeps them from coming.
    pub trouble: Option<LinkTrouble>,
    /// What needs care although they may come: what it is, and what to do.
    pub warning: Option<String>,
}

/// What keeps samples from coming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTrouble {
    /// Where it lies.
    pub kind: TroubleKind,
    /// What it is, and what to do; begins with a small letter and ends without a full stop.
    pub words: String,
}

/// Where a trouble lies, in rising order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// A link that was lost, as links are: it is looked for again.
    Passing,
    /// In the sensor: it wants to be paired, is another one or took other settings. It stays so until somebody does something.
    Sensor,
    /// In this machine: bus, bluetoothd, adapter or permission. Nothing can come, so nobody need wait until samples are stale.
    Machine,
}

impl LinkTrouble {
    /// What it is, without what to do.
    pub fn cause(&self) -> &str {
        self.words.split(';').next().unwrap_or_default()
    }
}

impl LinkReport {
    /// What somebody should do something about, a sentence each.
    pub fn needs_somebody(&self) -> Vec<String> {
        let trouble = self.trouble.as_ref().filter(|trouble| trouble.kind > TroubleKind::Passing);
        trouble.map(|trouble| trouble.words.clone()).into_iter().chain(self.warning.clone()).collect()
    }

    /// A line for a terminal; `None` while nothing is worth one.
    pub fn line(&self) -> Option<String> {
        let state = match &self.trouble {
            Some(trouble) => Some(trouble.words.as_str()),
            None => self.streaming.then_some("the sensor streams"),
        };
        let parts: Vec<&str> = state.into_iter().chain(self.warning.as_deref()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Two links that make one leg: this one carries the EMG, `other` is named by `part`. What keeps the EMG away comes
    /// first; what is wrong with the other alone keeps nothing away, so it is a warning.
    pub fn with_part(mut self, other: &Self, part: &str) -> Self {
        let mut warnings: Vec<String> = self.warning.take().into_iter().collect();
        if let Some(trouble) = &other.trouble
            && self.trouble.as_ref().is_none_or(|own| own.words != trouble.words)
        {
            warnings.push(format!("{part}: {}", trouble.words));
        }
        if self.streaming && !other.streaming && other.trouble.is_none() {
            warnings.push(format!("{part}: nothing comes from it; is it on and within a few metres"));
        }
        warnings.extend(other.warning.as_ref().map(|warning| format!("{part}: {warning}")));
        self.warning = (!warnings.is_empty()).then(|| warnings.join("; "));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(kind: TroubleKind, words: &str) -> LinkReport {
        LinkReport { trouble: Some(LinkTrouble { kind, words: words.to_owned() }), ..LinkReport::default() }
    }

    #[test]
    fn only_what_does_not_pass_by_itself_needs_somebody() {
        let lost = trouble(TroubleKind::Passing, "the sensor is not connected");
        assert_eq!((lost.needs_somebody(), lost.line().as_deref()), (vec![], Some("the sensor is not connected")));
        let off = trouble(TroubleKind::Machine, "the adapter is off; switch it on");
        assert_eq!(off.needs_somebody(), ["the adapter is off; switch it on"]);
        assert_eq!(off.trouble.unwrap().cause(), "the adapter is off");
        assert_eq!(LinkReport::default().line(), None);
    }

    #[test]
    fn of_two_sensors_the_emg_comes_first_and_the_other_is_named() {
        let streams = LinkReport { streaming: true, ..LinkReport::default() };
        let lost = trouble(TroubleKind::Passing, "not found");
        let both = streams.clone().with_part(&lost, "acceleration sensor");
        assert_eq!(both.line().as_deref(), Some("the sensor streams; acceleration sensor: not found"));
        assert_eq!(lost.clone().with_part(&streams, "acceleration sensor").line().as_deref(), Some("not found"));
        let silent = streams.clone().with_part(&LinkReport::default(), "acceleration sensor");
        assert!(silent.needs_somebody()[0].starts_with("acceleration sensor: nothing comes"));
        let off = trouble(TroubleKind::Machine, "the adapter is off");
        assert_eq!(off.clone().with_part(&off, "acceleration sensor"), off, "said once");
    }
}

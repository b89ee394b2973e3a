//! How the link to the sensor stands: what follows from its changes, at once and not when samples are stale.

use super::Leg;
use crate::alarm::AlarmInput;
use crate::daemon::DaemonError;
use crate::sensor::{LinkReport, TroubleKind};
use crate::units::UtcMicros;

impl Leg {
    /// The link stands otherwise than before, at `now`.
    pub(super) async fn take_link(&mut self, link: LinkReport, now: UtcMicros) -> Result<(), DaemonError> {
        let before = self.link.replace(link);
        let Some(link) = &self.link else { return Ok(()) };
        match &link.trouble {
            Some(trouble) if trouble.kind == TroubleKind::Machine => {
                let why = trouble.cause().to_owned();
                self.alarm(AlarmInput::LinkCut { why }, now).await?;
            }
            Some(trouble) => {
                let why = trouble.cause().to_owned();
                self.alarm(AlarmInput::Trouble { why }, now).await?;
            }
            None if before.is_some_and(|before| before.trouble.is_some()) && !link.streaming => {
                let why = "the sensor is searched for".to_owned();
                self.alarm(AlarmInput::Trouble { why }, now).await?;
            }
            None => {}
        }
        self.test_self(now).await;
        self.say_live(false).await;
        Ok(())
    }
}

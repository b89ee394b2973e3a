//! What the leg is asked to do by a command, and what becomes of it.

use tokio::sync::oneshot;

use super::Leg;
use crate::alarm::AlarmInput;
use crate::daemon::DaemonError;
use crate::daemon::backbone::system_now;
use crate::mqtt::command::Command;
use crate::units::UtcMicros;

/// Something that the leg is asked to do.
#[derive(Debug)]
pub(in crate::daemon) struct LegRequest {
    pub(in crate::daemon) command: Command,
    /// Done, or why not.
    pub(in crate::daemon) answer: oneshot::Sender<Result<(), String>>,
}

impl Leg {
    /// Does what is asked and answers.
    pub(super) async fn answer(&mut self, request: LegRequest) -> Result<(), DaemonError> {
        let at = self.now.unwrap_or_else(system_now);
        if self.now.is_none() {
            self.resume_alarms(at).await?;
        }
        let outcome = match request.command {
            Command::Acknowledge => self.about_a_cramp(AlarmInput::Acknowledge, at).await?,
            Command::Dismiss => self.about_a_cramp(AlarmInput::Dismiss, at).await?,
            Command::Mute { minutes } => {
                self.alarm(AlarmInput::Mute { minutes }, at).await?;
                Ok(())
            }
            Command::SetArmed { armed } => {
                self.set_armed(armed, at).await?;
                Ok(())
            }
            Command::ReportCramp => {
                self.presses.take(&self.to, &mut self.episodes, at, "reported over MQTT").await?;
                Ok(())
            }
            Command::Calibrate => self.calibrate(),
            command @ (Command::LogIntake(_) | Command::SetGlassSize { .. }) => {
                Err(format!("{} is for the daemon, not for a leg", command.verb()))
            }
        };
        self.say_live(true).await;
        // Who asked may have gone.
        let _ = request.answer.send(outcome);
        Ok(())
    }

    /// The alarm stops in any case; without a cramp there is nothing to note.
    async fn about_a_cramp(&mut self, input: AlarmInput, at: UtcMicros) -> Result<Result<(), String>, DaemonError> {
        let meant = self.meant(at).await?;
        self.alarm(input, at).await?;
        Ok(meant
            .map(drop)
            .ok_or_else(|| "there was no cramp in the last 12 h; for older ones: crampwatch label".to_owned()))
    }

    /// While the leg is not watched nothing is kept and nothing is told; its samples only show whether the sensor is there.
    async fn set_armed(&mut self, armed: bool, at: UtcMicros) -> Result<(), DaemonError> {
        if !armed {
            match self.episodes.open().map(|episode| episode.alarm_at.is_some()) {
                Some(true) => self.end_episode(at, at, "disarmed", None).await?,
                Some(false) => self.drop_episode(at).await?,
                None => {}
            }
        }
        self.alarm(AlarmInput::SetArmed(armed), at).await?;
        self.keep().await
    }

    fn calibrate(&mut self) -> Result<(), String> {
        if self.episodes.open().is_some() {
            return Err("something that looks like a cramp is on: calibrate when the leg is quiet".to_owned());
        }
        self.detector.relearn_quiet_level();
        Ok(())
    }
}

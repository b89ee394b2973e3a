//! `crampwatch mqtt discovery`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::output;
use crate::config::{Config, MqttMode};
use crate::daemon::{announced, id_key};
use crate::mqtt::{Topics, discovery};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch mqtt discovery")]
pub(super) struct MqttArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Print what Home Assistant is told of devices and entities.
    Discovery(DiscoveryArguments),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crampwatch mqtt discovery
  crampwatch mqtt discovery --config /etc/crampwatch/crampwatch.toml

Prints each topic and its message as JSON and sends nothing. The daemon sends them, retained, when
it connects to the broker and when Home Assistant comes up. See docs/home-assistant.md.")]
struct DiscoveryArguments {
    /// The configuration file; it names the person, the leg and the topics.
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: &MqttArguments) -> anyhow::Result<ExitCode> {
    let What::Discovery(arguments) = &arguments.what;
    let config = Config::load(arguments.config.as_deref())?;
    output::print(&text(&config)?)?;
    Ok(ExitCode::SUCCESS)
}

fn text(config: &Config) -> anyhow::Result<String> {
    if !config.mqtt.discovery {
        return Ok("nothing is sent: mqtt.discovery is false\n".to_owned());
    }
    if config.mqtt.mode == MqttMode::Off {
        return Ok("nothing is sent: mqtt.mode is \"off\"\n".to_owned());
    }
    let mut text = String::new();
    for message in discovery(&announced(config, &id_key(config)?), &Topics::new(&config.mqtt.base_topic)?)? {
        let payload: serde_json::Value = serde_json::from_str(&message.payload)?;
        text.push_str(&format!("{}\n{payload:#}\n\n", message.topic));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Environment;

    fn printed(file: &str) -> String {
        let environment = Environment::new([("HOME", "/home/me")]);
        text(&Config::parse(file, Path::new("crampwatch.toml"), &environment).unwrap()).unwrap()
    }

    #[test]
    fn each_message_is_printed_under_its_topic() {
        let text = printed("");
        assert!(text.starts_with("homeassistant/device/crampwatch_bridge/config\n{\n"), "{text}");
        assert!(text.contains("\n}\n\nhomeassistant/device/crampwatch_me_left/config\n{\n"), "{text}");
    }

    #[test]
    fn what_keeps_it_from_being_sent_is_said() {
        assert!(printed("[mqtt]\ndiscovery = false").contains("mqtt.discovery is false"));
        assert!(printed("[mqtt]\nmode = \"off\"").contains("mqtt.mode"));
    }
}
